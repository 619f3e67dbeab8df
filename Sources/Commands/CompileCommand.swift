import Certification
import Compiler
import Diagnostics
import Execution
import Files
import ModelIR
import Reporting

/// `lmtc compile`: the checks and bounds before training, or a stage's text.
public struct CompileCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let stage: Stage?
  private let outputPath: String?
  private let explainsBounds: Bool

  /// A command; a stage replaces the report, a path standard output.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], stage: Stage?, outputPath: String?,
    explainsBounds: Bool = false
  ) {
    self.invocation = invocation
    self.backends = backends
    self.stage = stage
    self.outputPath = outputPath
    self.explainsBounds = explainsBounds
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
      return requirements.hasFailure ? .failure : .success
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  private func report(_ loading: SpecLoading, _ console: Console) throws -> Requirements {
    let compilation = loading.compilation
    let weights = try invocation.weightsPath.map { try loading.weights(from: $0) }
    let bounds = NetworkBounds(
      compilation,
      effort: weights == nil ? .quick(operators: compilation.bounds.operators.count) : .certificate,
      workers: invocation.workers, weights: weights ?? loading.compilation.initialWeights)
    let requirements = Requirements(
      compilation, lipschitz: weights == nil ? nil : bounds.upper.value)
    let report = CompileReport(
      compilation: compilation, numbers: bounds,
      weights: invocation.weightsPath.map { .file($0) } ?? .initial, explainsBounds: explainsBounds,
      requirements: requirements, diagnostics: loading.warnings)
    if invocation.isJSON {
      try emit(report.json.prettyText, console)
    } else {
      console.show(loading.warnings)
      try emit(report.text, console)
    }
    return requirements
  }

  private func text(
    of stage: Stage, _ loading: SpecLoading, _ backend: any Backend
  ) throws -> String {
    let compilation = loading.compilation
    switch stage {
    case .spec: return compilation.spec.yaml()
    case .ir: return compilation.model.description
    case .bounds: return compilation.bounds.text(of: compilation.model)
    case .graph: return Pipeline.lower(compilation).text
    case .plan: return try Pipeline.plan(Pipeline.lower(compilation), on: backend).plan
    }
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
