import Catalog
import Diagnostics
import GraphTestSupport
import ModelIR
import SpecSyntax
import TensorGraph
import Testing

/// Terms of the loss and retractions against their closed forms.
struct RegularizerTests {
  static func regularizer(_ type: any Regularizer.Type, _ keys: String) -> any Regularizer {
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(path: "keys", text: keys)
    var reader = ConfigReader(
      kind: type.kind, span: Span(file, 0, 0), value: parseYAML(file, &diagnostics),
      mainKey: type.mainKey)
    let regularizer = type.init(from: &reader)
    precondition(diagnostics.isEmpty && reader.diagnostics.isEmpty, "\(type.kind) \(keys)")
    return regularizer!
  }

  /// A regulariser's term and its derivatives in the weight and the norm.
  static func penalty(
    _ regularizer: any Regularizer, weight: [Double], norm: Double
  ) -> [String: [Double]] {
    var builder = GraphBuilder("penalty")
    let (w, sigma) = (builder.input("w", [weight.count, 1]), builder.input("norm", []))
    let y =
      switch regularizer.penalty {
      case .ofWeight(let term): term(w, &builder)
      case .ofNorm(let term): term(sigma, &builder)
      case nil: builder.splat(0)
      }
    let gradients = builder.gradients(of: y, withRespectTo: [w, sigma])
    for (name, value) in zip(["y", "dw", "dnorm"], [y] + gradients) { builder.output(name, value) }
    return evaluate(builder.graph, inputs: ["w": weight, "norm": [norm]])
  }

  static func retracted(
    _ regularizer: any Regularizer, _ weight: [Double], _ shape: [Int], groups: Int = 1
  ) -> [Double] {
    var builder = GraphBuilder("retraction")
    let w = builder.input("w", shape)
    builder.output("y", regularizer.retraction(of: w, groups: groups, into: &builder))
    return evaluate(builder.graph, inputs: ["w": weight])["y"]!
  }

  @Test func everyExampleDecodes() {
    for type in Catalog.regularizers {
      #expect(!type.examples.isEmpty)
      for keys in type.examples { _ = Self.regularizer(type, keys) }
    }
  }

  @Test func theSpectralNormEntersBySquareOverTwo() {
    let found = Self.penalty(
      Self.regularizer(SpectralNormRegularizer.self, "0.5"), weight: [3, -1], norm: 4)
    #expect(found["y"] == [4] && found["dnorm"] == [2] && found["dw"] == [0, 0])
  }

  @Test func weightDecayPullsInProportion() {
    let found = Self.penalty(
      Self.regularizer(WeightDecayRegularizer.self, "0.5"), weight: [3, -1], norm: 4)
    #expect(found["y"] == [2.5] && found["dw"] == [1.5, -0.5] && found["dnorm"] == [0])
  }

  @Test func parsevalAddsNothingToTheLoss() {
    let found = Self.penalty(
      Self.regularizer(ParsevalRegularizer.self, "0.5"), weight: [3, -1], norm: 4)
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
      Self.regularizer(ParsevalRegularizer.self, "\(beta)"), matrix([1.5, 0.5]), [2, 2])
    let expected = matrix([1.5, 0.5].map { (1 + beta) * $0 - beta * $0 * $0 * $0 })
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-14) }
    let kept = Self.retracted(
      Self.regularizer(ParsevalRegularizer.self, "\(beta)"), matrix([1, 1]), [2, 2])
    for (a, b) in zip(kept, matrix([1, 1])) { #expect(abs(a - b) < 1e-14) }
  }

  @Test func parsevalTakesEachGroupForItself() {
    let parseval = Self.regularizer(ParsevalRegularizer.self, "0.1")
    let weight = Draw(seed: 1, "w").centred(6 * 2 * 3 * 1, scale: 1)
    let whole = Self.retracted(parseval, weight, [6, 2, 3, 1], groups: 3)
    let parts = (0..<3).flatMap { group in
      Self.retracted(parseval, Array(weight[group * 12..<(group + 1) * 12]), [2, 6])
    }
    for (a, b) in zip(whole, parts) { #expect(abs(a - b) < 1e-14) }
    #expect(whole != Self.retracted(parseval, weight, [6, 2, 3, 1]))
  }
}
