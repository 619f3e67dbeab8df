import Certification
import Compiler
import Diagnostics
import Execution
import Files
import ModelIR
import Reporting
import StableHLO
import TensorGraph

/// `lmtc compile`: the checks and bounds before training, or a stage's text.
public struct CompileCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let stage: Stage?
  private let entry: EntryPoint?
  private let outputPath: String?
  private let explainsBounds: Bool
  private let isTight: Bool

  /// With more parameters, drawing initial weights and passing over them takes longer than all else.
  private static let mostInitialWeights = 500_000

  /// A command; a stage replaces the report, a path standard output.
  ///
  /// - Parameter entry: the graph of the stages from `graph` on; the training step if nil, or a prediction
  ///   where the spec does not train.
  /// - Parameter isTight: whether norms of initial weights are as tight as in a certificate.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], stage: Stage?,
    entry: EntryPoint? = nil, outputPath: String?, explainsBounds: Bool = false,
    isTight: Bool = false
  ) {
    self.invocation = invocation
    self.backends = backends
    self.stage = stage
    self.entry = entry
    self.outputPath = outputPath
    self.explainsBounds = explainsBounds
    self.isTight = isTight
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    do {
      let loading = try SpecLoading(invocation)
      let backend = try invocation.backend(among: backends)
      if let stage {
        console.show(loading.warnings)
        let text = try text(of: stage, loading, backend)
        let document: JSONValue = ["stage": .string(stage.rawValue), "text": .string(text)]
        try emit(invocation.isJSON ? document.prettyText : text, console)
        return .success
      }
      let requirements = try report(loading, console)
      return requirements.hasFailure ? .requirementFails : .success
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  private func report(_ loading: SpecLoading, _ console: Console) throws -> Requirements {
    let compilation = loading.compilation
    let weights = try loading.givenWeights()
    let bounds = bounds(compilation, of: weights)
    let requirements = Requirements(
      compilation, lipschitz: weights == nil ? nil : bounds?.upper.value,
      layers: weights == nil ? [:] : bounds.map(compilation.constants) ?? [:])
    let warnings = loading.warnings + loading.missingFiles
    let report = CompileReport(
      compilation: compilation, numbers: bounds,
      weights: loading.givenWeightsPath.map { .file($0) }
        ?? (isPromised(compilation) ? .any : .initial(isTight: isTight)),
      explainsBounds: explainsBounds,
      requirements: requirements, diagnostics: warnings)
    if invocation.isJSON {
      try emit(report.json.prettyText, console)
    } else {
      console.show(warnings)
      try emit(report.text(outputPath == nil ? console.style : .plain), console)
    }
    return requirements
  }

  /// Whether the report states what holds for every weight, where none are given.
  private func isPromised(_ compilation: Compilation) -> Bool {
    let isOfWeights = isTight || explainsBounds
    return !isOfWeights && !compilation.bounds.network.symbols.isEmpty
      && compilation.bounds.promised != nil
  }

  /// The bounds for given weights or the initial ones; nil for many initial weights, unless they are asked
  /// for, and where bounds for every weight are reported.
  private func bounds(_ compilation: Compilation, of weights: Weights?) -> NetworkBounds? {
    if let weights {
      let progress = invocation.phaseProgress
      defer { progress.finish() }
      return NetworkBounds(
        compilation, search: compilation.spec.certify.effort, workers: invocation.workers,
        observer: { progress.show($0) }, weights: weights)
    }
    if isPromised(compilation) { return nil }
    let isAskedFor = isTight || explainsBounds
    guard isAskedFor || compilation.model.parameterCount <= Self.mostInitialWeights else {
      return nil
    }
    return NetworkBounds(
      compilation, effort: isTight ? .certificate : .quick, workers: invocation.workers,
      weights: compilation.initialWeights)
  }

  private func text(
    of stage: Stage, _ loading: SpecLoading, _ backend: any Backend
  ) throws -> String {
    let compilation = loading.compilation
    switch stage {
    case .spec: return compilation.spec.yaml()
    case .ir: return compilation.model.description
    case .bounds: return compilation.bounds.text(of: compilation.model)
    case .graph: return try graph(of: compilation).text
    case .plan:
      let purpose = purpose(of: compilation)
      return try Pipeline.plan(graph(of: compilation), for: purpose, on: backend).plan
    case .stablehlo:
      let graph = try graph(of: compilation)
      return StableHLOProgram(
        graph, donating: StableHLOProgram.persistentInputs(of: graph),
        precision: purpose(of: compilation) == .trainingWithTF32 ? .fastest : .float32,
        isLocated: true
      ).text
    }
  }

  private func purpose(of compilation: Compilation) -> ExecutionPurpose {
    (entry ?? .usual(of: compilation)).purpose(in: compilation)
  }

  private func graph(of compilation: Compilation) throws(Failure) -> Graph {
    try (entry ?? .usual(of: compilation)).graph(of: compilation)
  }

  private func emit(_ text: String, _ console: Console) throws {
    let text = text.hasSuffix("\n") ? text : text + "\n"
    if let outputPath {
      try AtomicFile.write(text, to: outputPath)
    } else {
      try console.write(text)
    }
  }
}
