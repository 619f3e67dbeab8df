import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Terms of the loss and retractions against their closed forms.
struct RegularizerTests {
  /// A regularizer's term and its derivatives in the weight and the norm.
  static func penalty(
    _ regularizer: any Regularizer, weight: [Double], norm: Double
  ) -> [String: [Double]] {
    let builder = GraphBuilder("penalty")
    let (w, sigma) = (builder.input("w", [weight.count, 1]), builder.input("norm", []))
    let y =
      switch regularizer.penalty {
      case .ofWeight(let term): term(w)
      case .ofNorm(let term): term(sigma)
      case nil: builder.constant(0)
      }
    let gradients = y.gradients(withRespectTo: [w, sigma])
    for (name, value) in zip(["y", "dw", "dnorm"], [y] + gradients) { builder.output(name, value) }
    return evaluate(builder.graph, inputs: ["w": weight, "norm": [norm]])
  }

  static func retracted(
    _ regularizer: any Regularizer, _ weight: [Double], _ shape: [Int], groups: Int = 1
  ) -> [Double] {
    let builder = GraphBuilder("retraction")
    let w = builder.input("w", shape)
    builder.output("y", regularizer.retraction(of: w, groups: groups))
    return evaluate(builder.graph, inputs: ["w": weight])["y"]!
  }

  @Test func everyExampleDecodes() {
    for type in Catalog.regularizers {
      #expect(!type.examples.isEmpty)
      for keys in type.examples { _ = type.decoded(keys) }
    }
  }

  @Test func theSpectralNormEntersBySquareOverTwo() {
    let found = Self.penalty(
      SpectralNormRegularizer.decoded("0.5"), weight: [3, -1], norm: 4)
    #expect(found["y"] == [4] && found["dnorm"] == [2] && found["dw"] == [0, 0])
  }

  @Test func weightDecayPullsInProportion() {
    let found = Self.penalty(
      WeightDecayRegularizer.decoded("0.5"), weight: [3, -1], norm: 4)
    #expect(found["y"] == [2.5] && found["dw"] == [1.5, -0.5] && found["dnorm"] == [0])
  }

  @Test func parsevalAddsNothingToTheLoss() {
    let found = Self.penalty(
      ParsevalRegularizer.decoded("0.5"), weight: [3, -1], norm: 4)
    #expect(found["y"] == [0])
  }

  /// A = U·diag(s)·Vᵀ of two rotations; the retraction keeps U and V.
  @Test func parsevalMapsSingularValues() {
    func matrix(_ s: [Double]) -> [Double] {
      let (u, v) = ([0.6, -0.8, 0.8, 0.6], [5.0 / 13, -12.0 / 13, 12.0 / 13, 5.0 / 13])
      return (0..<4).map { place in
        let (i, j) = (place / 2, place % 2)
        return (0..<2).reduce(0) { $0 + u[2 * i + $1] * s[$1] * v[2 * j + $1] }
      }
    }
    let beta = 0.25
    let found = Self.retracted(
      ParsevalRegularizer.decoded("\(beta)"), matrix([1.5, 0.5]), [2, 2])
    let expected = matrix([1.5, 0.5].map { (1 + beta) * $0 - beta * $0 * $0 * $0 })
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-14) }
    let kept = Self.retracted(
      ParsevalRegularizer.decoded("\(beta)"), matrix([1, 1]), [2, 2])
    for (a, b) in zip(kept, matrix([1, 1])) { #expect(abs(a - b) < 1e-14) }
  }

  @Test func parsevalTakesEachGroupForItself() {
    let parseval = ParsevalRegularizer.decoded("0.1")
    let weight = Draw(seed: 1, "w").centered(6 * 2 * 3 * 1, scale: 1)
    let whole = Self.retracted(parseval, weight, [6, 2, 3, 1], groups: 3)
    let parts = (0..<3).flatMap { group in
      Self.retracted(parseval, Array(weight[group * 12..<(group + 1) * 12]), [2, 6])
    }
    for (a, b) in zip(whole, parts) { #expect(abs(a - b) < 1e-14) }
    #expect(whole != Self.retracted(parseval, weight, [6, 2, 3, 1]))
  }
}
