import BoundAlgebra
import Enclosure
import ModelIR
import Testing

@testable import LipschitzBounds

/// Networks whose Lipschitz constant is known: all weights are identities, and on positive inputs every
/// activation is the identity.
private struct KnownNetwork: Sendable {
  let layers: [(LayerBound, [Int])]
  let constant: Double

  private static func dense(_ name: String) -> LayerBound {
    .linear(LinearOperator(name: name, form: .dense(weight: name, inputs: 2, outputs: 2)))
  }

  private static let relu = LayerBound.elementwise(Slopes(positive: .one))

  static let all = [
    KnownNetwork(
      layers: [(dense("a"), [0]), (relu, [1]), (dense("b"), [2]), (relu, [3]), (dense("c"), [4])],
      constant: 1),
    // x + relu(x)
    KnownNetwork(layers: [(relu, [0]), (.addition, [0, 1]), (dense("a"), [2])], constant: 2),
    // Two residual blocks, the second on the first.
    KnownNetwork(
      layers: [
        (dense("a"), [0]), (relu, [1]), (.addition, [2, 0]), (dense("b"), [3]), (relu, [4]),
        (.addition, [5, 3]), (dense("c"), [6]),
      ], constant: 4),
    // A node used twice.
    KnownNetwork(
      layers: [(relu, [0]), (dense("a"), [1]), (dense("b"), [1]), (.addition, [2, 3])],
      constant: 2),
  ]

  var model: Model { modelOfBounds(layers) }

  var composed: (bounds: ModelBounds, numbers: ComposedBounds) {
    let bounds = ModelBounds(of: model)
    let identity: [Float] = [1, 0, 0, 1]
    let norms = OperatorNorms(operators: bounds.operators) { _ in identity }
    return (
      bounds,
      ComposedBounds(
        model, bounds, layerNorms: norms, effort: .certificate, weights: { _ in identity })
    )
  }
}

/// Mistakes in evaluating a sum.
private enum WrongSum: CaseIterable {
  case halvedRadius, droppedRemainder, droppedSkip, droppedFrontier

  func value(
    _ sum: CompositionPlan.Sum, _ maps: LinearMaps, _ norms: [String: Double],
    _ names: [LinearMaps.ID: String], _ sources: [Double]
  ) -> Double {
    var terms = sum.terms.map { term -> (value: Double, isRemainder: Bool) in
      let norm = maps.isSingle(term.map) && maps.size(term.map) == 0 ? 1 : norms[names[term.map]!]!
      let factor = term.factors.reduce(1) { $0 * $1.estimate }
      let isRemainder = term.factors.first == .rational(1, 2)
      return (factor * norm * sources[term.source], isRemainder)
    }
    switch self {
    case .halvedRadius:
      terms = terms.map { ($0.isRemainder ? $0.value / 2 : $0.value, $0.isRemainder) }
    case .droppedRemainder:
      if let place = terms.firstIndex(where: \.isRemainder) { terms.remove(at: place) }
    case .droppedSkip:
      if terms.count > 1 { terms.removeLast() }
    case .droppedFrontier:
      terms = terms.filter(\.isRemainder)
    }
    return terms.reduce(0) { $0 + $1.value }
  }
}

@Suite struct WrongCompositionTests {
  @Test func everyCandidateHoldsAndTheBestIsExact() {
    for network in KnownNetwork.all {
      let (_, numbers) = network.composed
      for candidate in numbers.nodes[network.layers.count].candidates {
        #expect(candidate.upper.value >= network.constant)
      }
      let best = numbers.nodes[network.layers.count].best
      #expect(best.upper.value <= network.constant * (1 + 1e-8))
      #expect(best.lower.value <= best.upper.value)
    }
  }

  @Test(arguments: WrongSum.allCases)
  fileprivate func aWrongSumIsTooSmall(_ wrong: WrongSum) {
    let isCaught = KnownNetwork.all.contains { network in
      let (bounds, numbers) = network.composed
      let position = network.layers.count
      guard let node = bounds.plan.nodes.first(where: { $0.position == position }) else {
        return false
      }
      let norms = Dictionary(
        uniqueKeysWithValues: numbers.norms.map { ($0.key.name, $0.value.upper.value) })
      let sources = numbers.nodes.map(\.best.upper.value)
      return node.sums.contains {
        wrong.value($0, bounds.plan.maps, norms, bounds.plan.names, sources)
          < network.constant * (1 - 1e-6)
      }
    }
    #expect(isCaught)
  }
}
