import Diagnostics
import Files
import Reporting

/// `lmtc certify`: bounds and radii of given weights.
public struct CertifyCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String?

  /// A command; `folder` receives the result if given.
  public init(_ invocation: Invocation, backends: [any EngineFactory], folder: String?) {
    self.invocation = invocation
    self.backends = backends
    self.folder = folder
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    do {
      let loading = try SpecLoading(invocation)
      let backend = try invocation.backend(among: backends)
      guard let path = invocation.weightsPath else {
        throw Failure(
          Diagnostic(.init(.usage, "missing-option"), "'certify' requires '--weights'", at: .none))
      }
      let weights = try loading.weights(from: path)
      let certification = try TestEvaluation(
        loading: loading, backend: backend, workers: invocation.workers,
        progress: invocation.phaseProgress)
      let outcome = try certification.outcome(weights: weights, training: nil)
      if let folder {
        let folder = try RunFolder(creating: folder)
        try folder.write(resolved: loading.compilation.spec)
        try folder.write(weights: weights)
        try certification.write(outcome, to: folder)
      }
      return try console.finish(outcome.result)
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
      try write(result.text)
    }
    guard contradictions.isEmpty else { return .contradicted }
    return result.isAccepted ? .success : .failure
  }
}
