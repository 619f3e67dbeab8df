import Enclosure
import ModelIR
import Testing

@testable import LipschitzBounds

/// Bounds of the outputs as functions of one node's value, where they are known.
@Suite struct RestOfNetworkTests {
  private static let identity: [Float] = [1, 0, 0, 1]

  private func dense(_ name: String) -> LayerBound {
    .linear(LinearOperator(name: name, form: .dense(weight: name, inputs: 2, outputs: 2)))
  }

  private func rest(
    _ layers: [(LayerBound, [Int])], _ weights: [String: [Float]] = [:]
  ) -> (rest: RestOfNetwork, network: UpperBound) {
    let model = modelOfBounds(layers)
    let bounds = ModelBounds(of: model)
    let elements: @Sendable (String) -> [Float] = { weights[$0] ?? Self.identity }
    let norms = OperatorNorms(operators: bounds.operators, weights: elements)
    let composed = ComposedBounds(
      model, bounds, layerNorms: norms, effort: .certificate, weights: elements)
    let own = bounds.own.map { $0.evaluate { norms[$0].upper } }
    return (
      RestOfNetwork(model, bounds, own: own, composed: composed),
      composed.network(of: model).upper
    )
  }

  private func expect(_ bound: UpperBound, isNear value: Double) {
    #expect(bound.value >= value && bound.value <= value * (1 + 1e-6))
  }

  /// B A = 0, so the composed bound of the network is 0; but what is added to A x is multiplied by B.
  @Test func aSumThatContainsTheNodeIsNotUsed() {
    let (rest, network) = rest(
      [(dense("a"), [0]), (dense("b"), [1])], ["a": [1, 1, 1, 1], "b": [1, -1, -1, 1]])
    #expect(network.value < 1e-9)
    #expect(rest.constant(0, 0, 1).value < 1e-9)
    expect(rest.constant(1, 0, 1), isNear: 8.squareRoot())
    expect(rest.constant(1, 0, nil), isNear: 2)
  }

  /// Chains of dense layers contain the nodes between their ends.
  @Test func aChainThroughTheNodeIsNotUsed() {
    let relu = LayerBound.elementwise(Slopes(positive: .one))
    let (rest, _) = rest(
      [(dense("a"), [0]), (relu, [1]), (dense("b"), [2])], ["a": [0.001, 0, 0, 0.001]])
    for position in [1, 2] {
      expect(rest.constant(position, 0, nil), isNear: 1)
      expect(rest.constant(position, 0, 1), isNear: 2.squareRoot())
    }
    #expect(rest.constant(0, 0, nil).value < 0.0011)
  }

  /// x → r, then A r + B r with A = B = I.
  @Test func allPathsCount() {
    let relu = LayerBound.elementwise(Slopes(positive: .one))
    let (rest, _) = rest(
      [(relu, [0]), (dense("a"), [1]), (dense("b"), [1]), (.addition, [2, 3])])
    expect(rest.constant(1, 0, nil), isNear: 2)
    expect(rest.constant(2, 0, nil), isNear: 1)
    expect(rest.constant(3, 0, 1), isNear: 2.squareRoot())
  }

  /// What does not depend on a node is fixed: of (r, A r) only the second changes with A r.
  @Test func otherValuesAreFixed() {
    let relu = LayerBound.elementwise(Slopes(positive: .one))
    let (rest, _) = rest(
      [(relu, [0]), (dense("a"), [1]), (.addition, [2, 1])], ["a": [3, 0, 0, 3]])
    expect(rest.constant(1, 0, nil), isNear: 4)
    expect(rest.constant(2, 0, nil), isNear: 1)
  }
}
