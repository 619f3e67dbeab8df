import Enclosure
import TensorGraph
import Testing

@testable import RoundingAnalysis

/// The analysis of rounding errors is tight if possible and gives no bound if it must not.
@Suite struct RoundingEvaluatorTests {
  func analyze(
    _ x: [Float], radius: Double = 0, weights: [Float] = [],
    _ body: (Tensor) -> Tensor
  ) -> AnalyzedOutput {
    let builder = GraphBuilder("rounding")
    let x0 = builder.input("x", [1, x.count])
    builder.output("y", body(x0))
    return RoundingEvaluator(builder.graph, fed: "x", output: "y") { _ in weights }
      .evaluate([x[...]], radii: [UpperBound(proven: radius)])[0]
  }

  func leaky(_ x: Tensor) -> Tensor {
    let sum = x + 0.25
    return select(sum .> 0, sum, sum * 0.01)
  }

  @Test func anUndecidedMaskCostsAtMostTheDistanceOfTheBranches() {
    // x + 1/4 crosses 0 inside the ball; the masks may differ only within its rounding error of 0.
    let result = analyze([-0.25], radius: 1, leaky)
    #expect(result.error[0].value > 0x1p-25 && result.error[0].value < 1e-6)
  }

  @Test func branchesThatJumpCostTheJump() {
    let result = analyze([-0.25]) { x in
      let sum = x + 0.25
      let mask = sum .> 0
      return select(mask, x.constant(3), 1)
    }
    #expect(result.error[0].value >= 2 && result.error[0].value < 2.001)
  }

  @Test func aSumChangesByTheNormOfItsRowTimesTheRadius() {
    // Σ |w||x| ≤ ‖w‖r over the ball, not Σ |w|·r.
    let count = 400
    let result = analyze(
      Array(repeating: 0, count: count), radius: 1, weights: Array(repeating: 1, count: count)
    ) { x in
      x.dot(x.builder.input("w", [count, 1], isPersistent: true))
    }
    let expected = ExecutedFormat.binary32.gamma(count - 1) * 20
    #expect(result.error[0].value >= expected && result.error[0].value < expected * 1.01)
  }

  /// For 100 coefficients 1 and 44 coefficients −1, the worst order of summation adds the terms of one sign
  /// first; if the numbers may be negative, all terms may have the same sign.
  @Test(arguments: [false, true]) func partialSumsHaveTheTermsOfOneSign(isPositive: Bool) {
    let weights = (0..<144).map { Float($0 < 100 ? 1 : -1) }
    let builder = GraphBuilder("signs")
    let x = builder.input("x", [1, 144])
    let layer = isPositive ? max(x, 0) : -x
    let y = layer.dot(builder.input("w", [144, 1], isPersistent: true))
    builder.output("y", y)
    let layers = [(layer, x), (y, layer)].map {
      AnalyzedLayer(
        value: $0.0.value, operands: [$0.1.value], propagation: .lipschitz(UpperBound(proven: 12)),
        constant: .one)
    }
    let error = RoundingEvaluator(builder.graph, fed: "x", output: "y", layers: layers) { _ in
      weights
    }.evaluate([Array(repeating: Float(0), count: 144)[...]], radii: [.one])[0].error[0].value
    let expected =
      ExecutedFormat.binary32.gamma(143) * (isPositive ? 10 : 12) + 12
      * ExecutedFormat.binary32.unitRoundoff
    #expect(error >= expected && error < expected * 1.001)
  }

  /// An engine may begin with the bias: beside 2¹⁰ nothing is left of any product.
  @Test func aBiasMayBeTheFirstTerm() {
    let product = Float(0.75 * 0x1p-14)
    let executed = (0..<64).reduce(Float(0x1p10)) { sum, _ in sum + product }
    let lost = 64 * Double(product) + 0x1p10 - Double(executed)
    #expect(lost == 64 * Double(product))
    let result = analyze(
      Array(repeating: product, count: 64), weights: Array(repeating: 1, count: 64)
    ) { x in
      x.dot(x.builder.input("w", [64, 1], isPersistent: true)) + 0x1p10
    }
    #expect(result.error[0].value >= lost && result.error[0].value < 3 * lost)
  }

  /// A sum is read by a layer that adds 2¹⁰ and by another one: that addition is rounded in its own layer, whatever
  /// becomes of the sum's errors.
  @Test func whatALaterLayerAddsIsRoundedThere() {
    struct SecondLayer: AnalyzedOutput.Rest {
      let index: Int
      func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound {
        layer == index ? .one : .zero
      }
    }
    let builder = GraphBuilder("later")
    let x = builder.input("x", [1, 2])
    let sum = x.dot(builder.input("w", [2, 1], isPersistent: true))
    let (shifted, other) = (sum + 0x1p10, -sum)
    let result = -shifted
    builder.output("y", result)
    let layers = [(sum, x), (shifted, sum), (other, sum), (result, shifted)].map {
      AnalyzedLayer(
        value: $0.0.value, operands: [$0.1.value], propagation: .lipschitz(.one), constant: .one)
    }
    let error = RoundingEvaluator(
      builder.graph, fed: "x", output: "y", layers: layers,
      rest: SecondLayer(index: shifted.value.index)
    ) { _ in [1, 1] }.evaluate([[1, 1]], radii: [.zero])[0].error[0].value
    #expect(error >= 0x1p-14 && error < 1.01 * 0x1p-14)
  }

  /// In a layer that is not the last the growth of all sums is bounded together: here ‖|W|‖ = 4 and ‖W‖ = 2, while
  /// every row has the norm 2, and so all rows √4·2.
  @Test(arguments: [false, true]) func rowsOfALayerGrowTogether(isKnown: Bool) {
    let builder = GraphBuilder("rows")
    let x = builder.input("x", [1, 4])
    let y = x.dot(builder.input("w", [4, 4], isPersistent: true))
    let z = y.dot(builder.constant(1, [4, 1]))
    builder.output("y", z)
    let two = UpperBound(proven: isKnown ? 2 : 9)
    let layers = [(y, x), (z, y)].map {
      AnalyzedLayer(
        value: $0.0.value, operands: [$0.1.value], propagation: .lipschitz(two), constant: .one)
    }
    let evaluator = RoundingEvaluator(
      builder.graph, fed: "x", output: "y", layers: layers, rest: UnitRest()
    ) { _ in [1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1] }
    let output = evaluator.evaluate([[0, 0, 0, 0]], radii: [.one])[0]
    let own = output.own[0].value
    let format = ExecutedFormat.binary32
    let expected = format.gamma(3) * (isKnown ? 3 : 4) + format.unitRoundoff * 4
    let launched = output.error[0].value - own
    #expect(launched >= expected && launched < expected * 1.001)
  }

  private struct UnitRest: AnalyzedOutput.Rest {
    func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound { .one }
  }

  /// ‖|W|‖ of filters, with strides, dilations, groups and zeros around the image: compared with what power iteration
  /// finds on the matrix of magnitudes.
  @Test(arguments: [
    ConvolutionWindow(kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1]),
    ConvolutionWindow(
      kernel: [4, 4], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1]),
    ConvolutionWindow(kernel: [3, 2], strides: [2, 3], dilations: [2, 2], groups: 2),
    ConvolutionWindow(kernel: [1, 3], strides: [3, 1], paddingLow: [0, 2], paddingHigh: [0, 1]),
  ]) func magnitudesOfFiltersAreBounded(_ window: ConvolutionWindow) throws {
    let (filters, channels, extent) = (4, 4 / window.groups, 16)
    let shape = [filters, channels] + window.kernel
    let stream = CounterRandom.stream(seed: 5, "filters")
    let weights = (0..<shape.reduce(1, *)).map { index in
      Double(
        Int64(bitPattern: CounterRandom.bits(stream: stream, counter: 0, index: UInt64(index)))
          >> 40)
    }
    let builder = GraphBuilder("filters")
    let x = builder.input("x", [1, 4, extent, extent])
    let y = x.convolved(with: builder.input("w", shape), window)
    let node = try #require(builder.graph.nodes.first { $0.operation == .convolution(window) })
    let magnitudes = IntervalTensor(
      TensorType(shape), lanes: 1, exactly: weights.map(\.magnitude))
    let adjoint = Node(.convolutionInputGradient(window), node.operands, x.type)
    func image(_ node: Node, _ z: [Double], _ type: TensorType) -> [Double] {
      LinearEnclosure.evaluate(
        node, [IntervalTensor(type, lanes: 1, exactly: z), magnitudes]
      ).lower
    }
    var vector = Array(repeating: 1.0, count: x.type.count)
    var ratio = 0.0
    for _ in 0..<30 {
      let product = image(node, vector, x.type)
      let length = product.reduce(0) { $0 + $1 * $1 }.squareRoot()
      ratio = length / vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vector = image(adjoint, product.map { $0 / length }, y.type)
    }
    for operation in [node.operation, adjoint.operation] {
      let bound = try #require(
        MagnitudeMatrix(
          operation, IntervalTensor(TensorType(shape), lanes: 1, exactly: weights))
      ).norm
      #expect(ratio <= bound && bound < 1.1 * ratio)
    }
  }

  static let beyond: [([Float], Double)] = [
    ([3e38, 3e38], 0), ([1, 1], 1e39), ([.infinity, 1], 0), ([.nan, 1], 0),
  ]

  @Test(arguments: beyond)
  func resultsThatMayOverflowAreUnknown(x: [Float], radius: Double) {
    let sum = analyze(x, radius: radius) { $0.sum() }
    #expect(sum.error[0] == .infinity)
    let product = analyze(x, radius: radius) { x in x * x }
    #expect(product.error[0] == .infinity)
  }

  @Test func partialSumsThatMayOverflowAreUnknown() {
    let result = analyze([2e38, 2e38, -2e38, -2e38]) { $0.sum() }
    #expect(result.upper[0] < 1e30 && result.error[0] == .infinity)
  }

  @Test func divisionByAPossibleZeroIsUnknown() {
    let result = analyze([1, 0]) { x in 1 / x }
    #expect(result.error[0].value < 1e-6 && result.error[1] == .infinity)
  }

  @Test func lanesHaveBallsOfTheirOwn() {
    let builder = GraphBuilder("lanes")
    let x = builder.input("x", [1, 1])
    builder.output("y", x + 1)
    let results = RoundingEvaluator(builder.graph, fed: "x", output: "y") { _ in [] }
      .evaluate([[0], [0]], radii: [.zero, UpperBound(proven: 9)])
    #expect(results[0].error[0].value < 2 * 0x1p-24 && results[1].error[0].value > 9 * 0x1p-24)
  }

  /// Layers y = (x + 2⁻²⁴) − 1 and z = y, where the sum inside y is the output of another layer.
  @Test func errorsOfALayerInsideAnotherArePropagatedByElement() {
    let builder = GraphBuilder("overlap")
    let x = builder.input("x", [1])
    let sum = x + 0x1p-24
    let y = sum - 1
    let z = y + sum
    builder.output("y", z)
    let layers = [sum, z].map {
      AnalyzedLayer(
        value: $0.value, operands: [x.value], propagation: .lipschitz(.one), constant: .one)
    }
    #expect(
      AnalyzedLayer.usable(layers, in: builder.graph, fed: "x", output: z.value).isEmpty)
    let result = RoundingEvaluator(builder.graph, fed: "x", output: "y", layers: layers) { _ in [] }
      .evaluate([[1]], radii: [.zero])[0]
    // The error of the sum counts twice.
    #expect(result.error[0].value >= 2 * 0x1p-24)
  }
}
