import Attacks
import Diagnostics
import Files

/// `lmtc audit`: searches for counterexamples to the certificates of a run folder.
public struct AuditCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String
  private let samples: Int

  /// A command.
  ///
  /// Paths of the invocation are ignored; `folder` may also be the path of its `certificate.json`; `samples` is the
  /// number of random perturbations.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], folder: String, samples: Int
  ) {
    self.invocation = invocation
    self.backends = backends
    self.folder = folder
    self.samples = samples
  }

  private func engines() throws -> SearchEngines {
    var serial = invocation
    serial.threads = 1
    let parallel = try invocation.backend(among: backends)
    return SearchEngines(
      parallel: parallel, serial: try serial.backend(among: backends),
      certified: try invocation.certifiedBackend(parallel, among: backends),
      workers: invocation.workers)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    Interruption.endAtOnce(after: .start)
    do {
      let folder = try RunFolder(of: folder)
      try folder.requireCertifiedFiles()
      var invocation = invocation
      invocation.specPath = folder.path(of: .resolvedSpec)
      let loading = try SpecLoading(invocation)
      let weights = try loading.weights(from: folder.path(of: .model))
      let compilation = loading.compilation
      let claims = try CertificateClaims(
        folder, model: compilation.model, classes: compilation.classes)
      let samples = try SampleSet(
        certifiedIn: folder, shape: compilation.model.inputShape, classes: compilation.classes,
        count: claims.points.count)
      let context = SearchContext(
        compilation, weights: weights, samples: samples, box: nil, engines: try engines(),
        observer: invocation.phaseProgress)
      let auditor = try Auditor(compilation, context, claims: claims)
      let report = try auditor.report(perturbations: self.samples)
      if !report.contradictions.isEmpty {
        try folder.write(report.contradictions.witnesses(shape: samples.shape), as: .witnesses)
      }
      if invocation.isJSON {
        try console.write(report.json.prettyText)
      } else {
        console.show(report.contradictions.map(\.diagnostic))
        try console.write(report.text(console.style))
      }
      return report.contradictions.isEmpty ? .success : .contradicted
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }
}
