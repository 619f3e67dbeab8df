import BoundAlgebra
import Catalog
import Certification
import Diagnostics
import Execution
import LipschitzBounds
import ModelIR
import TensorGraph
import Testing

@testable import Commands
@testable import Compiler
@testable import Training

/// Parametrized layers from the proof before training to the stored weights and their certificate.
@Suite struct ParametrizationRunTests {
  private static let dense = [
    "orthogonal", "{stiefel: 3}", "{bjorck: 4}", "cayley", "bro", "{bro: {rank: 1}}", "aol",
    "spectral",
  ]

  private static func network(_ parametrization: String) -> [String] {
    let layer = "{dense: {units: 4, parametrization: \(parametrization)}}"
    let head = parametrization == "cayley" ? "orthogonal" : parametrization
    return [
      "network.layers=[\(layer), max_min, \(layer), max_min, "
        + "{dense: {units: 3, parametrization: \(head)}}]",
      "require=[lipschitz <= 1]", "train.epochs=6",
    ]
  }

  private static let filters: [[String]] = ["aol", "spectral", "orthogonal", "stiefel", "bro"].map {
    [
      "network.input=[1, 2, 2]",
      "network.layers=[{conv2d: {filters: 4, kernel: 2, padding: 1, parametrization: \($0)}}, max_min,"
        + " {conv2d: {filters: 4, kernel: 2, stride: 2, parametrization: \($0)}}, flatten, "
        + "{dense: {units: 3, parametrization: orthogonal}}]",
      "require=[lipschitz <= 1]", "train.epochs=6",
    ]
  }

  /// Blocks that are steps along gradients of convex functions.
  private static let steps = [
    "network.layers=[{dense: {units: 6, parametrization: sll}}, {cpl: 4}, {sll: 8},"
      + " {dense: {units: 3, parametrization: orthogonal}}]",
    "require=[lipschitz <= 1]", "train.epochs=6",
  ]

  private static let stepsOfImages = [
    "network.input=[1, 2, 2]",
    "network.layers=[{sll: {units: 4, kernel: 2}}, {cpl: {units: 3, kernel: [1, 3]}}, flatten, "
      + "{dense: {units: 3, parametrization: orthogonal}}]",
    "require=[lipschitz <= 1]", "train.epochs=6",
  ]

  /// Blocks with many more terms in a sum than the errors of a narrow one would forgive.
  private static let wideSteps = [
    "network.layers=[{cpl: 64}, {sll: 256}, {dense: {units: 3, parametrization: orthogonal}}]",
    "network.input=[64]", "require=[lipschitz <= 1]", "train.epochs=1",
  ]

  static let networks = dense.map(network) + filters + [steps, stepsOfImages]

  @Test(arguments: networks) func theProofHoldsBeforeTraining(overrides: [String]) throws {
    let compilation = try Workplace().loading(set: overrides).compilation
    #expect(Requirements(compilation).decisions.map(\.verdict) == [.holds])
    #expect(compilation.bounds.promised == .one)
  }

  @Test(arguments: networks) func storedWeightsKeepThePromise(overrides: [String]) throws {
    let place = try Workplace()
    let (loading, weights) = try place.train(set: overrides)
    let bounds = NetworkBounds(loading.compilation, weights: weights)
    for linear in loading.compilation.bounds.operators {
      #expect(bounds.norms[NormSymbol(linear.name)].upper.value <= 1)
    }
    #expect(bounds.upper.value <= 1)
    let names = Set(loading.compilation.model.parameters.map(\.name))
    #expect(Set(weights.tensors.keys) == names)
  }

  @Test(arguments: ["float32", "float64"]) func wideStepsAreVerified(precision: String) throws {
    let place = try Workplace()
    let options = (Self.wideSteps + ["certify.precision=\(precision)"]).flatMap { ["--set", $0] }
    let run = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--threads", "1"] + options, in: place.folder
    ).outcome()
    #expect(run.code == 0, "\(run.errors)")
    let verified = try place.lmtc("verify", "run")
    #expect(verified.code == 0, "\(verified.errors)")
  }

  @Test(arguments: [
    (network("orthogonal"), "parametrization: orthogonal"),
    (network("aol"), "parametrization: aol"), (steps, "parametrization: sll"),
    (stepsOfImages, "kernel: [1, 3]"),
  ]) func aRunIsVerified(network: [String], text: String) throws {
    let place = try Workplace()
    let options = network.flatMap { ["--set", $0] }
    let run = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--threads", "1"] + options, in: place.folder
    ).outcome()
    #expect(run.code == 0, "\(run.errors)")
    let verified = try place.lmtc("verify", "run")
    #expect(verified.code == 0, "\(verified.errors)")
    let resolved = try place.text("run/spec.resolved.yaml")
    #expect(resolved.contains(text))
    let again = try place.lmtc(
      "certify", "run/spec.resolved.yaml", "--weights", "run/model.safetensors", "--out", "again")
    #expect(again.code == 0, "\(again.errors)")
  }

  @Test func compileShowsTheDerivation() throws {
    let place = try Workplace()
    let options = Self.network("orthogonal").flatMap { ["--set", $0] }
    let outcome = try LMTCProcess(["compile", "spec.yaml"] + options, in: place.folder).outcome()
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(
      outcome.output.contains(
        """
          line  bound         derivation               ≤  for every weight by
          ────  ────────────  ───────────────────────  ─  ───────────────────
             1  L(dense_1)    σ(dense_1)               1  orthogonal
             1  L(max_min_1)  L(dense_1)               1
             1  L(dense_2)    σ(dense_2)·L(max_min_1)  1  orthogonal
             1  L(max_min_2)  L(dense_2)               1
             1  L(dense_3)    σ(dense_3)·L(max_min_2)  1  orthogonal

          network   L = σ(dense_1)·σ(dense_2)·σ(dense_3)
                    L ≤ 1 for every weight that training can reach
          pairwise  √2·L ≤ √2

          requirement     verdict
          ──────────────  ───────
          lipschitz <= 1  holds
        """), "\(outcome.output)")
    let weak = options.map { $0.replacing("lipschitz <= 1", with: "lipschitz < 1") }
    let undecided = try LMTCProcess(["compile", "spec.yaml"] + weak, in: place.folder).outcome()
    #expect(undecided.code == 0 && undecided.output.contains("deferred"))
  }

  @Test func theTrainingEstimateIsTheConstant() throws {
    let trainer = try Workplace().loading(set: Self.network("orthogonal")).trainer()
    for _ in 0..<3 { #expect(try trainer.advance().lipschitz == 1) }
    #expect(!trainer.snapshot().tensors.keys.contains { $0.hasPrefix("power/") })
  }

  /// Free tensors leave the orthonormal matrices step by step, and come back at each retraction.
  @Test func freeTensorsAreRetracted() throws {
    let overrides = Self.network("{stiefel: 3}") + ["train.optimizer={sgd: {learning_rate: 0.05}}"]
    let trainer = try Workplace().loading(set: overrides).trainer()
    func excess() throws -> Double {
      let w = try #require(trainer.snapshot().tensors["dense_2.weight/free"])
      let norms = (0..<w.shape[0]).map { row in
        (0..<w.shape[1]).reduce(0.0) {
          let element = Double(w.elements[row * w.shape[1] + $1])
          return $0 + element * element
        }
      }
      return norms.map { abs($0 - 1) }.max() ?? 0
    }
    var excesses: [Double] = []
    for _ in 0..<6 {
      _ = try trainer.advance()
      excesses.append(try excess())
    }
    for step in [2, 5] { #expect(excesses[step] < 0.1 * excesses[step - 1], "\(excesses)") }
  }

  /// No product of a step sums over rows and columns of weights alone: projections go through the batch.
  @Test func projectionsTakeProductsOfTheBatch() throws {
    func weightProducts(_ parametrization: String) throws -> Int {
      let layer = "{dense: {units: 12, parametrization: \(parametrization)}}"
      let loading = try Workplace().loading(set: [
        "network.layers=[\(layer), max_min, \(layer), max_min, \(layer), max_min, dense: 3]",
        "train.loss={offset: 1}", "train.batch=5",
      ])
      let graph = TrainingStep(loading.compilation, try loading.training()).graph
      return graph.nodes.count { node in
        guard case .dot(let isTransposed, _) = node.operation else { return false }
        let inner = graph[node.operands[0]].type.shape[isTransposed ? 0 : 1]
        return ([inner] + node.type.shape).allSatisfy { $0 == 12 }
      }
    }
    #expect(try weightProducts("stiefel") == 0)
    #expect(try weightProducts("orthogonal") > 0)
  }

  @Test func trainingStartsFromStoredWeights() throws {
    let place = try Workplace()
    let (loading, weights) = try place.train(set: Self.network("orthogonal"))
    let train = try loading.training()
    let step = TrainingStep(loading.compilation, train)
    let start = try InitialState(loading.compilation, step: step, weights: weights).fresh()
    let formed = try #require(WeightFormation(loading.compilation.model))
    for (name, weight) in formed.weights(from: start.tensors) {
      for (a, b) in zip(weight.elements, weights.elements(of: name)) { #expect(abs(a - b) < 1e-4) }
    }
    let cayley = try Workplace().loading(set: Self.network("cayley"))
    let faults = #expect(throws: Failure.self) {
      try InitialState(
        cayley.compilation, step: TrainingStep(cayley.compilation, train), weights: weights
      ).fresh()
    }
    #expect(faults?.diagnostics.first?.id.description == "train.no-start")
  }

  @Test func whatABrokenPromiseStoresIsRefused() throws {
    let loading = try Workplace().loading(set: Self.network("orthogonal"))
    let registry = Registry(
      layers: Catalog.layers, losses: Catalog.losses, optimizers: Catalog.optimizers,
      parametrizations: [DoubledParametrization.self], datasets: Catalog.datasets)
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(
      path: "spec.yaml", bytes: Array(loading.compilation.spec.yaml().utf8))
    let text = String(decoding: source.bytes, as: UTF8.self)
      .replacing("parametrization: orthogonal", with: "parametrization: doubled")
    let compilation = try #require(
      Self.compile(SourceFile(path: "spec.yaml", text: text), registry, &diagnostics),
      "\(diagnostics)")
    #expect(Requirements(compilation).decisions.map(\.verdict) == [.holds])
    let step = TrainingStep(compilation, try #require(compilation.spec.train))
    let state = try InitialState(compilation, step: step, weights: nil).fresh()
    let failure = #expect(throws: Failure.self) {
      try StoredWeights.complete(Weights(), from: state.tensors, compilation)
    }
    #expect(failure?.diagnostics.first?.id.description == "bound.promise")
  }

  private static func compile(
    _ file: SourceFile, _ registry: Registry, _ diagnostics: inout [Diagnostic]
  ) -> Compilation? {
    guard let tree = Pipeline.parse(file, &diagnostics),
      let elaborated = Pipeline.elaborate(tree, [], &diagnostics),
      let spec = ModelSpec.decode(elaborated, of: file, registry: registry, &diagnostics),
      let model = Pipeline.infer(spec, &diagnostics)
    else { return nil }
    return Compilation(
      spec: spec, model: model, bounds: Pipeline.bound(model, &diagnostics), seed: nil)
  }
}

/// 2·V/‖V‖_F, which claims a norm of at most 1.
private struct DoubledParametrization: Parametrization {
  static let kind = "doubled"

  init(from reader: inout ConfigReader) {}

  func weight(from free: Tensor, of map: FilterMap) -> Tensor { free * 2 / free.euclideanNorm() }
}
