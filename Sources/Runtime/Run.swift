import Diagnostics
import Execution

/// `lmtc run`: train, certify, report.
public struct Run {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String?
  private let isResumed: Bool

  /// A command; the folder is `runs/<name>` if not given.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], folder: String?, isResumed: Bool
  ) {
    self.invocation = invocation
    self.backends = backends
    self.folder = folder
    self.isResumed = isResumed
  }

  /// Runs to the end; every fault of the user's becomes a diagnostic and a code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    do {
      let loading = try SpecLoading(invocation)
      let backend = try invocation.backend(among: backends)
      let train = try loading.training()
      try Requirements(loading.compilation).requireNoFailure()
      // Before training, so that what is wrong with the test data does not show hours later.
      let certification = try CertificationRun(
        loading: loading, backend: backend, progress: PhaseProgress(invocation))
      Interruption.install()
      var session = try TrainingSession(
        loading, train, backend: backend,
        folder: folder ?? RunFolder.defaultPath(for: loading.compilation.spec.name),
        invocation: invocation, isResumed: isResumed)
      guard let outcome = try session.run() else { return interrupted(console, session.folder) }
      Interruption.endAtOnce()
      if Interruption.isRequested { return interrupted(console, session.folder) }
      let found = try certification.outcome(
        weights: outcome.weights, training: outcome.training)
      try certification.write(found, to: session.folder)
      return try console.finish(found.result)
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  private func interrupted(_ console: Console, _ folder: RunFolder) -> ExitCode {
    console.note(
      "interrupted; '\(folder.path(of: .checkpoint))' is written, '--resume' goes on from it")
    return .interrupted
  }
}
