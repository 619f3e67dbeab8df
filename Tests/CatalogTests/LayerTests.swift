import BoundAlgebra
import GraphTestSupport
import ModelIR
import Testing

/// What every layer owes, on each of its examples.
struct LayerTests {
  /// The relative rounding of a quotient in Double: at most 2¹⁰ operations on pairs at least 2⁻¹⁰ of
  /// their size apart lose under 2⁻³⁰.
  static let rounding = 0x1p-30

  @Test(arguments: LayerCase.all)
  func inferredShapeIsTheLoweredAndTheEvaluatedOne(_ layerCase: LayerCase) throws {
    let graph = layerCase.graph()
    let y = graph.outputs[0].value
    let shape = try layerCase.layer.outputShape(of: layerCase.shapes)
    #expect(graph[y].type.shape == [LayerCase.batch] + shape)
    let x = Draw(seed: 1, "x").centered(layerCase.inputCount, scale: 1)
    let values = LipschitzProbe(graph).value(x, layerCase.parameterValues(seed: 1))
    #expect(values.count == LayerCase.batch * shape.reduce(1, *))
    let areFinite = values.allSatisfy { $0.isFinite }
    #expect(areFinite)
  }

  @Test(arguments: LayerCase.all)
  func gradientsAgreeWithCentralDifferences(_ layerCase: LayerCase) {
    let names = ["x"] + layerCase.parameters.map { "layer.\($0.name)" }
    let check = GradientCheck(layerCase.graph(), withRespectTo: names)
    for seed in 0..<20 as Range<UInt64> {
      var inputs = layerCase.parameterValues(seed: seed)
      inputs["x"] = Draw(seed: seed, "x").centered(layerCase.inputCount, scale: 3)
      let (difference, gradient, scale) = check.compare(inputs, seed: seed)
      #expect(abs(difference - gradient) <= 1e-8 * scale, "seed \(seed)")
    }
  }

  @Test(arguments: LayerCase.all)
  func noPairAndNoJacobianExceedsTheBound(_ layerCase: LayerCase) {
    let probe = LipschitzProbe(layerCase.graph())
    for seed in 0..<3 as Range<UInt64> {
      let parameters = layerCase.parameterValues(seed: seed)
      let constant = layerCase.claimedConstant(parameters)
      let ratio = probe.largestRatio(parameters: parameters, seed: seed)
      #expect(ratio <= constant * (1 + Self.rounding), "seed \(seed)")
    }
  }

  @Test(arguments: LayerCase.all)
  func theBoundIsReachedToOnePercent(_ layerCase: LayerCase) {
    let probe = LipschitzProbe(layerCase.graph())
    var best = 0.0
    for seed in 0..<40 as Range<UInt64> where best < 0.99 {
      let parameters = layerCase.parameterValues(seed: seed)
      let constant = layerCase.claimedConstant(parameters)
      best = max(best, probe.largestRatio(parameters: parameters, seed: seed) / constant)
    }
    #expect(best >= 0.99)
  }

  @Test(arguments: LayerCase.all)
  func aLinearLayerIsItsOperatorPlusItsValueAtZero(_ layerCase: LayerCase) {
    guard case .linear(let map) = layerCase.bound else { return }
    let parameters = layerCase.parameterValues(seed: 3)
    let probe = LipschitzProbe(layerCase.graph())
    let x = Draw(seed: 3, "x").centered(layerCase.inputCount, scale: 1)
    let y = probe.value(x, parameters)
    let offset = probe.value(x.map { _ in 0 }, parameters)
    let image = LayerCase.apply(map, to: x, batch: LayerCase.batch, parameters)
    #expect(image.count == y.count)
    for (index, value) in image.enumerated() {
      #expect(abs(value - (y[index] - offset[index])) <= 1e-13)
    }
  }

  @Test(arguments: LayerCase.all)
  func slopesOfAnElementwiseLayerStayInTheirRange(_ layerCase: LayerCase) {
    guard case .elementwise(let slopes) = layerCase.bound, layerCase.shapes[0].count == 1 else {
      return
    }
    let step = 1.0 / 64
    let points = (-640...640).map { Double($0) * step }
    let line = LayerCase(type(of: layerCase.layer), layerCase.keys, inputs: [[points.count]])
    let values = LipschitzProbe(line.graph()).value(points + points, [:]).prefix(points.count)
    let quotients = zip(values.dropFirst(), values).map { ($0 - $1) / step }
    let lowest = slopes.leastPositive.lower.value
    #expect(quotients.max()! <= slopes.positive.upper.value + 1e-12)
    #expect(quotients.min()! >= (lowest > 0 ? lowest : -slopes.negative.upper.value) - 1e-12)
  }
}
