import Compiler
import Diagnostics
import ModelIR
import TensorGraph
import Testing

/// What regularizers add to the update of a whole training step.
@Suite struct RegularizationTests {
  static func compile(
    _ regularizers: String, layers: String = "[{dense: {units: 3, bias: false}}, {dense: 2}]",
    input: String = "[2]", composition: String = "product"
  ) -> (Compilation?, [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let text = """
      lmt: 1
      name: tiny
      network: {input: \(input), layers: \(layers)}
      train:
        batch: 1
        optimizer: {sgd: 1}
        composition: \(composition)
        regularizers: \(regularizers)
      """
    let compilation = Pipeline.compile(SourceFile(path: "tiny", text: text), &diagnostics)
    return (compilation, diagnostics)
  }

  /// The weights after one step with learning rate 1 from fixed weights and kept vectors.
  static func step(_ regularizers: String) throws -> [String: [Double]] {
    let (compiled, diagnostics) = compile(regularizers)
    #expect(diagnostics.isEmpty)
    let compilation = try #require(compiled)
    let graph = TrainingStep(compilation, try #require(compilation.spec.train)).graph
    var inputs: [String: [Double]] = [
      "images": [1, -2], "labels": [0, 1], "learning_rate": [1], "margin_weight": [0],
      "step": [0], "dense_1.weight": weight, "dense_2.weight": [1, 2, 3, 0, 1, 0],
      "dense_2.bias": [0, 0],
    ]
    // Not normalized: the singular vector of the largest singular value of `weight`.
    inputs["power/dense_1"] = [3, 4]
    inputs["power/dense_2"] = [1, 1, 1]
    return evaluate(graph, inputs: inputs)
  }

  /// 5·u₁v₁ᵀ + 2·u₂v₂ᵀ with u₁ = (1, 2, 2)/3, v₁ = (3, 4)/5, u₂ = (2, 1, −2)/3, v₂ = (4, −3)/5.
  static let weight = outer(5, 2)

  static func outer(_ first: Double, _ second: Double) -> [Double] {
    zip([1.0, 2, 2], [2.0, 1, -2]).flatMap { a, b in
      zip([3.0, 4], [4.0, -3]).map { (first * a * $0 + second * b * $1) / 15 }
    }
  }

  static func difference(_ a: [Double]?, _ b: [Double]?) -> [Double] {
    zip(a ?? [], b ?? []).map { $0 - $1 }
  }

  @Test func theSpectralNormPullsAlongItsSingularVectors() throws {
    let plain = try Self.step("[]")
    let found = try Self.step("[{spectral_norm: {weight: 0.1, layers: hidden}}]")
    // The gradient of (λ/2)σ² is λ·σ·u vᵀ: λ·5·u₁v₁ᵀ here, not λ·σ³ or λ·2σ.
    let pull = Self.difference(plain["dense_1.weight"], found["dense_1.weight"])
    #expect(pull.count == 6)
    for (a, b) in zip(pull, Self.outer(0.5, 0)) { #expect(abs(a - b) < 1e-12, "\(a) and \(b)") }
    #expect(found["dense_2.weight"] == plain["dense_2.weight"])
    #expect(found["loss"] == plain["loss"] && found["lipschitz"] == plain["lipschitz"])
    #expect(found["power/dense_1"] == plain["power/dense_1"])
  }

  @Test func theHeadAloneDecays() throws {
    let plain = try Self.step("[]")
    let found = try Self.step("[{weight_decay: {weight: 0.5, layers: head}}]")
    #expect(found["dense_1.weight"] == plain["dense_1.weight"])
    #expect(found["dense_2.bias"] == plain["dense_2.bias"])
    let pull = Self.difference(plain["dense_2.weight"], found["dense_2.weight"])
    for (a, b) in zip(pull, [0.5, 1, 1.5, 0, 0.5, 0]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func parsevalRetractsTheUpdatedWeight() throws {
    let plain = try #require(try Self.step("[]")["dense_1.weight"])
    let found = try #require(try Self.step("[{parseval: 0.01}]")["dense_1.weight"])
    var expected = plain.map { 1.01 * $0 }
    for i in 0..<3 {
      for j in 0..<2 {
        for k in 0..<3 {
          let gram = plain[2 * i] * plain[2 * k] + plain[2 * i + 1] * plain[2 * k + 1]
          expected[2 * i + j] -= 0.01 * gram * plain[2 * k + j]
        }
      }
    }
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
    #expect(
      try Self.step("[{parseval: 0.01}]")["dense_2.weight"] == Self.step("[]")["dense_2.weight"])
  }

  @Test func noIterationIsAddedForTheSpectralNorm() throws {
    func products(_ regularizers: String) throws -> Int {
      let compilation = try #require(Self.compile(regularizers).0)
      let graph = TrainingStep(compilation, try #require(compilation.spec.train)).graph
      return graph.nodes.count {
        if case .dot = $0.operation { true } else { false }
      }
    }
    // One product for the penalty's derivative in each weight, which cross-entropy has no use for.
    #expect(try products("[{spectral_norm: 0.1}]") <= products("[]") + 2)
  }

  /// Composed, the bound has no use for the norms of layers that a linear path joins.
  @Test(arguments: [
    ("[]", [] as [String]), ("[{weight_decay: 0.1}, {parseval: 0.1}]", []),
    ("[{spectral_norm: 0.1}]", ["power/dense_1", "power/dense_2"]),
  ])
  func onlyNormsThatEnterTheLossAreEstimatedBesideTheBound(
    _ regularizers: String, _ further: [String]
  ) throws {
    func vectors(_ regularizers: String) throws -> Set<String> {
      let (compiled, _) = Self.compile(
        regularizers, layers: "[dense: 3, dense: 2, relu]", composition: "regions")
      let compilation = try #require(compiled)
      return Set(TrainingStep(compilation, try #require(compilation.spec.train)).powerVectors)
    }
    let plain = try vectors("[]")
    #expect(plain.isDisjoint(with: ["power/dense_1", "power/dense_2"]))
    #expect(try vectors(regularizers) == plain.union(further))
  }

  @Test func aHeadThatIsNotThereIsReported() {
    let (compiled, diagnostics) = Self.compile(
      "[{weight_decay: {weight: 1, layers: head}}]", layers: "[{dense: 2}, relu]")
    #expect(compiled == nil)
    #expect(diagnostics.map(\.id) == [.init(.spec, "regularizer")])
  }
}
