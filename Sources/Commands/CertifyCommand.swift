import Certification
import Diagnostics
import Files
import Reporting

/// `lmtc certify`: bounds and radii of given weights.
public struct CertifyCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String?
  private let shard: Shard?
  private let isResumed: Bool
  private let overwrites: Bool

  /// A command.
  ///
  /// - Parameters:
  ///   - folder: receives the result if given.
  ///   - shard: which part of the test points to certify; nil for all.
  ///   - isResumed: whether to go on from the points that an interrupted command left in the folder.
  ///   - overwrites: whether to replace results of another spec in the folder.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], folder: String?,
    shard: Shard? = nil, isResumed: Bool = false, overwrites: Bool = false
  ) {
    self.invocation = invocation
    self.backends = backends
    self.folder = folder
    self.shard = shard
    self.isResumed = isResumed
    self.overwrites = overwrites
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    Interruption.endAtOnce(after: .start)
    do {
      let loading = try SpecLoading(invocation)
      let backend = try invocation.backend(among: backends)
      guard let weights = try loading.givenWeights() else {
        throw Failure(
          Diagnostic(
            .init(.usage, "missing-option"), "'certify' requires '--weights FILE'", at: .none,
            help: "a spec with 'network: {onnx: FILE}' has weights of its own"))
      }
      let certification = try TestEvaluation(
        loading: loading, backend: backend,
        certified: try invocation.certifiedBackend(backend, among: backends),
        device: invocation.deviceText,
        workers: invocation.workers, shard: shard,
        progress: invocation.phaseProgress)
      let folder = try folder.map { path throws(Failure) in
        try RunFolder(creating: path, isExclusive: true)
      }
      if !overwrites, !isResumed { try folder?.requireSameSpec(as: loading.compilation.spec) }
      try folder?.removeTraining(ofOtherThan: weights)
      let outcome = try certification.outcome(
        weights: weights, training: nil,
        keeping: folder.map { TestEvaluation.Keeping(folder: $0, isResumed: isResumed) })
      if let folder { try certification.write(outcome, to: folder) }
      return try console.finish(outcome.result)
    } catch let stop as TestEvaluation.Interrupted {
      Console.note(stop.note)
      return .interrupted
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }
}

extension Console {
  /// Prints a result and says whether its certificates and its requirements hold.
  func finish(_ result: RunResult) throws(Failure) -> ExitCode {
    let contradictions = result.adversarial?.contradictions ?? []
    if isJSON {
      try write(result.json.prettyText)
    } else {
      show(result.diagnostics + contradictions.map(\.diagnostic))
      try write(result.text(style))
    }
    return result.exitCode
  }
}

extension RunResult {
  /// Whether its certificates and its requirements hold.
  var exitCode: ExitCode {
    guard adversarial?.contradictions.isEmpty ?? true else { return .contradicted }
    return isAccepted ? .success : .requirementFails
  }
}

extension TestEvaluation.Interrupted {
  /// What an interrupted certification has kept.
  var note: String {
    "interrupted; \(NumberText.grouped(kept)) of \(NumberText.grouped(total)) points are certified and kept in"
      + " '\(folder.path(of: .journal))'; continue with '--resume'"
  }
}
