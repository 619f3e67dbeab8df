import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A rule that claims to bound norms.
typealias NormRule = (OperatorCase) -> UpperBound

/// Whether a rule's bound is at least the best ratio found, without tolerance.
func holds(_ rule: NormRule, for example: OperatorCase) -> Bool {
  rule(example)
    >= UpperBound(proven: ExplicitOperator(example.map, example.weights).bestRatio.value)
}

private func bound(_ example: OperatorCase, _ method: String?) -> NormBound {
  let map = example.asking(method)
  return OperatorNorms(operators: [map]) { _ in example.weights }[NormSymbol(map.name)]
}

@Suite struct NormSoundnessTests {
  /// Every bound is at least the best ratio found, without tolerance, and bounds for certificates are at
  /// most a relative 10⁻⁶ above it.
  @Test(arguments: OperatorCase.all)
  func boundsHoldAndAreTight(_ example: OperatorCase) {
    let best = ExplicitOperator(example.map, example.weights).bestRatio.value
    let tight = ["auto", "cholesky", "gram"]
    for method in tight {
      let found = bound(example, method)
      #expect(found.upper.value >= best, "\(found.method)")
      #expect(found.upper.value <= best * (1 + 1e-6), "\(found.method)")
      #expect(found.lower.value <= found.upper.value)
      #expect(found.lower.value >= best * (1 - 1e-6), "\(found.method)")
    }
    for method in OperatorNorms.methods.map(\.name) where !tight.contains(method) {
      let found = bound(example, method)
      #expect(found.upper.value >= best && found.upper.isFinite, "\(method)")
    }
    let quick = OperatorNorms(operators: [example.map], effort: .operations(0)) { _ in
      example.weights
    }
    #expect(quick.upper(NormSymbol(example.map.name)).value >= best)
  }

  @Test func fourierIsTightOnASmallNetworksLayer() {
    let window = ConvolutionWindow(
      kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1])
    let map = LinearOperator(
      name: "conv",
      form: .convolution(weight: "w", window: window, input: [2, 12, 12], filters: 3),
      method: "fourier")
    let example = OperatorCase(map, .gaussian)
    let fourier = bound(example, "fourier").upper.value
    let exact = bound(example, "cholesky").upper.value
    #expect(fourier >= exact * (1 - 1e-9))
    #expect(fourier <= exact * 1.05)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func weightsThatAreNoNumbersBoundNothing(_ weight: Float) {
    for map in OperatorCase.denseMaps + OperatorCase.convolutionMaps {
      var weights = WeightFamily.gaussian.weights(map)
      weights[weights.count / 2] = weight
      let norms = OperatorNorms(operators: [map]) { _ in weights }
      #expect(norms.upper(NormSymbol(map.name)) == .infinity)
      #expect(norms.lower(NormSymbol(map.name)) == .zero)
    }
  }

  @Test func resultsRepeatOnManyCores() {
    let maps = OperatorCase.denseMaps
    let weights = Dictionary(
      uniqueKeysWithValues: maps.map { ($0.name, WeightFamily.gaussian.weights($0)) })
    let named = maps.map { map -> LinearOperator in
      let shape = map.form
      guard case .dense(_, let inputs, let outputs) = shape else { return map }
      return LinearOperator(
        name: map.name, form: .dense(weight: map.name, inputs: inputs, outputs: outputs))
    }
    let runs = (0..<3).map { _ in
      OperatorNorms(operators: named) { weights[$0] ?? [] }.bounds
    }
    #expect(runs[0] == runs[1] && runs[1] == runs[2])
    #expect(runs[0].count == maps.count)
  }

  @Test(arguments: 1...40)
  func tridiagonalEigenvaluesAreEnclosed(_ order: Int) {
    var matrix = BandMatrix(order: order, bandwidth: 1)
    for i in 0..<order {
      matrix.elements[matrix.layout.offset(i, i)] = 2
      if i > 0 { matrix.elements[matrix.layout.offset(i, i - 1)] = -1 }
    }
    let table = RootsOfUnity(2 * (order + 1))
    let exact = 2 + 2 * table.cosines[1]
    var workspace: [Double] = []
    let bound = CholeskyMethod.largestEigenvalue(
      of: matrix, estimate: exact * 0.9999, workspace: &workspace)
    #expect(bound.value >= exact * (1 - 1e-15))
    #expect(bound.value <= exact * (1 + 1e-3))
    #expect(!PositiveDefiniteness.factorizes(exact * (1 - 1e-12), minus: matrix, &workspace))
    #expect(PositiveDefiniteness.factorizes(exact * (1 + 1e-12), minus: matrix, &workspace))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 12, 97])
  func circlePointsLieOnTheCircle(_ count: Int) {
    let table = RootsOfUnity(count)
    for j in 0..<count {
      let (c, s) = (table.cosines[j], table.sines[j])
      #expect((c * c + s * s - 1).magnitude < 1e-15)
      // The angle is correct if `count` rotations by it give the identity.
      var (x, y) = (1.0, 0.0)
      for _ in 0..<count { (x, y) = (x * c - y * s, x * s + y * c) }
      #expect((x - 1).magnitude < 1e-13 && y.magnitude < 1e-12)
    }
    #expect(table.cosines[0] == 1 && table.sines[0] == 0)
    if count.isMultiple(of: 4) { #expect(table.sines[count / 4] == 1) }
    if count > 4 { #expect(table.sines[1] > 0 && table.cosines[1] > table.cosines[2]) }
  }

  /// The effort of `compile` suffices for tight norms of the three convolutions of a small network.
  @Test func quickNormsOfASmallNetworkAreTight() {
    let window = ConvolutionWindow(
      kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1])
    let operators = (0..<3).map { index in
      LinearOperator(
        name: "conv\(index)",
        form: .convolution(weight: "w\(index)", window: window, input: [4, 8, 8], filters: 4))
    }
    let norms = OperatorNorms(operators: operators, effort: .quick) { name in
      let stream = CounterRandom.stream(seed: 5, name)
      return (0..<4 * 4 * 9).map {
        Float(CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 0.5)
      }
    }
    for linear in operators {
      let bound = norms[NormSymbol(linear.name)]
      #expect(bound.upper.value <= 1.01 * bound.lower.value)
    }
  }
}
