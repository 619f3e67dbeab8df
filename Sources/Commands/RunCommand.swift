import Certification
import Diagnostics
import Execution
import Files
import ModelIR
import Reporting
import Training

/// `lmtc run`: train, certify, report.
public struct RunCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String?
  private let isResumed: Bool
  private let overwrites: Bool
  private let isProfiled: Bool
  private let endsWithInput: Bool

  /// A command; the folder is `runs/<name>` if not given.
  ///
  /// - Parameters:
  ///   - overwrites: whether to replace a run of another spec in the folder.
  ///   - isProfiled: whether to report where training steps spend their time.
  ///   - endsWithInput: whether the end of standard input interrupts the run.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], folder: String?, isResumed: Bool,
    overwrites: Bool = false, isProfiled: Bool = false, endsWithInput: Bool = false
  ) {
    self.invocation = invocation
    self.backends = backends
    self.folder = folder
    self.isResumed = isResumed
    self.overwrites = overwrites
    self.isProfiled = isProfiled
    self.endsWithInput = endsWithInput
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    Interruption.endAtOnce(after: .start)
    if endsWithInput { Interruption.followInput() }
    do {
      return try execute(console)
    } catch let stop as TestEvaluation.Interrupted {
      Console.note(stop.note)
      return .interrupted
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  /// Trains, certifies and writes the folder; throws ``Failure`` or ``TestEvaluation/Interrupted``.
  private func execute(_ console: Console) throws -> ExitCode {
    let loading = try SpecLoading(invocation)
    let backend = try invocation.backend(among: backends)
    let train = try loading.training()
    try Requirements(loading.compilation).requireNoFailure()
    // Before training, so that what is wrong with the test data does not show hours later.
    let certification = try TestEvaluation(
      loading: loading, backend: backend,
      certified: try invocation.certifiedBackend(backend, among: backends),
      device: invocation.deviceText,
      workers: invocation.workers, progress: invocation.phaseProgress)
    console.show(train.slowPrecision(on: backend))
    Interruption.install()
    var session = try session(loading, train, backend)
    guard let outcome = try trained(&session) else { return interrupted(session.folder) }
    Interruption.endAtOnce(after: .training)
    if Interruption.isRequested { return interrupted(session.folder) }
    let found = try certification.outcome(
      weights: outcome.weights, training: outcome.record,
      keeping: TestEvaluation.Keeping(folder: session.folder, isResumed: isResumed))
    try certification.write(found, to: session.folder)
    try session.log(result: found.result.scalars)
    return try console.finish(found.result)
  }

  private func session(
    _ loading: SpecLoading, _ train: TrainSpec, _ backend: any Backend
  ) throws -> TrainingSession {
    let weights = isResumed ? nil : try loading.givenWeights()
    return try loading.session(
      train, from: weights, backend: backend,
      folder: folder ?? RunFolder.defaultPath(for: loading.compilation.spec.name),
      isResumed: isResumed, overwrites: overwrites, isProfiled: isProfiled)
  }

  private func trained(_ session: inout TrainingSession) throws -> TrainingSession.Outcome? {
    var bar = ProgressBar(
      total: session.steps.total, firstStep: session.steps.done,
      style: invocation.progress)
    defer { bar.finish() }
    let outcome = try session.run(
      isInterrupted: { Interruption.isRequested }, onStep: { bar.update($0) })
    if outcome == nil { bar.erase() }
    return outcome
  }

  private func interrupted(_ folder: RunFolder) -> ExitCode {
    Console.note("interrupted; wrote '\(folder.path(of: .checkpoint))'; continue with '--resume'")
    return .interrupted
  }
}

extension TrainSpec {
  /// A warning where the spec asks for a precision that is no faster on an engine.
  func slowPrecision(on backend: any Backend) -> [Diagnostic] {
    switch precision {
    case .float32: return []
    case .tf32:
      if backend.hasTF32 { return [] }
      return [
        slowPrecision(
          "this device has no TF32 products: training is that of 'precision: float32'",
          help: "use '--device xla' on an NVIDIA GPU, or remove the key")
      ]
    case .bfloat16:
      if backend.hasFastBFloat16 { return [] }
      return [
        slowPrecision(
          "this processor has no products of bfloat16 numbers: training computes the same, but no"
            + " faster than with 'precision: float32'",
          help: "use a processor with AVX512_BF16 or AMX, or remove the key")
      ]
    }
  }

  private func slowPrecision(_ message: String, help: String) -> Diagnostic {
    .warning(.train, "precision", message, at: precisionSpan, help: help)
  }
}
