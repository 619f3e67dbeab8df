import Certification
import Diagnostics
import Files
import Reporting

/// `lmtc predict`: classes, margins and certified radii of new inputs by a run folder's network.
///
/// The files of the folder must have the digests of its certificate. Bounds are derived again from the
/// stored weights, so that no number of the certificate is trusted.
public struct PredictCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let folder: String
  private let input: String

  /// A command; paths of the invocation are ignored, and `input` is a file or a folder of images.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], folder: String, input: String
  ) {
    (self.invocation, self.backends) = (invocation, backends)
    (self.folder, self.input) = (folder, input)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    do {
      let folder = try RunFolder(existing: folder)
      try folder.requireCertifiedFiles()
      var invocation = invocation
      invocation.specPath = folder.path(of: .resolvedSpec)
      let loading = try SpecLoading(invocation)
      let (samples, files) = try loading.inputs(at: input)
      let predictor = try predictor(loading, folder, count: samples.count)
      let progress = invocation.phaseProgress
      defer { progress.finish() }
      progress.begin("predict")
      progress.expect(samples.count)
      var table = PredictionTable(files: files)
      try predictor.predict(
        samples, invocation.workers, advance: { progress.advance(by: $0) }
      ) { predictions in
        guard console.isJSON else { return predictions.forEach { table.append($0) } }
        let lines = predictions.map { $0.json(file: files?[$0.index]).text + "\n" }
        try console.write(lines.joined())
      }
      guard !console.isJSON else { return .success }
      let spec = loading.compilation.spec
      try console.write(
        table.text(
          name: spec.name, precision: spec.certify.precision.rawValue, count: samples.count))
      return .success
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  private func predictor(
    _ loading: SpecLoading, _ folder: RunFolder, count: Int
  ) throws -> CertifiedPredictor {
    let compilation = loading.compilation
    let weights = try loading.weights(from: folder.path(of: .model))
    let backend = try invocation.backend(among: backends)
    let network = try ExecutedNetwork(
      compilation.model, compilation.spec.certify.precision, weights: weights,
      on: try invocation.certifiedBackend(backend, among: backends),
      batch: min(ExecutedNetwork.batch, count))
    let bounds = NetworkBounds(
      compilation, search: compilation.spec.certify.effort, workers: invocation.workers,
      weights: weights)
    return CertifiedPredictor(
      network, Certifier(network, weights: weights, bounds: bounds))
  }
}
