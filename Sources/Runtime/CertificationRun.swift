import Compiler
import Diagnostics
import Execution
import ModelIR

/// Bounds and radii of a network with given weights over the test set: the part that `run` and
/// `certify` share.
struct CertificationRun {
  private let loading: SpecLoading
  private let backend: any Backend
  private let samples: SampleSet

  /// Samples a prediction step holds.
  private static let batch = 100

  /// Reads the test data; throws ``Failure``.
  init(loading: SpecLoading, backend: any Backend) throws(Failure) {
    self.loading = loading
    self.backend = backend
    samples = try loading.samples(.test)
  }

  /// Certifies and collects the result; throws ``Failure``.
  func result(
    weights: [String: HostTensor], training: RunResult.Training?
  ) throws -> RunResult {
    let start = MonotonicClock.seconds
    let compilation = loading.compilation
    let bounds = NetworkBounds(compilation, weights: weights)
    let batch = min(Self.batch, samples.count)
    let prediction = Prediction(model: compilation.model, batch: batch)
    let predictor = Predictor(try backend.compile(prediction.graph), batch: batch)
    predictor.load(weights)
    let analysed = AnalysedPrediction(model: compilation.model)
    precondition(analysed.describes(prediction), "the analysed network is not the executed one")
    let certification = Certification(
      predictor: predictor, analysed: analysed, weights: weights,
      layers: bounds.analysedLayers(of: analysed),
      certifier: Certifier(bounds: bounds.differences))
    let summary = CertificationSummary(try certification.certify(samples))
    let certified = compilation.spec.certify.radii.map { radius in
      RunResult.AtRadius(
        text: radius.text, value: radius.nearest,
        count: summary.certifiedCount(above: radius.upper),
        accuracy: summary.certifiedAccuracy(above: radius.upper),
        exactCount: summary.exactlyCertifiedCount(above: radius.upper))
    }
    let requirements = Requirements(
      compilation, lipschitz: bounds.upper.value, summary: summary)
    return RunResult(
      name: compilation.spec.name, summary: summary, certified: certified,
      lipschitz: (bounds.upper.value, bounds.lower.value),
      pairwise: bounds.differences.largest.value, training: training,
      certificationSeconds: MonotonicClock.seconds - start, requirements: requirements.rows,
      isAccepted: !requirements.hasFailure, diagnostics: loading.warnings)
  }
}

extension RunResult {
  /// Writes result.json and certificate.tsv.
  func write(to folder: RunFolder) throws(Failure) {
    try folder.write(json.prettyText, as: .result)
    try folder.write(certificateTable, as: .certificateTable)
  }

  /// `index label predicted radius correct`, a line a point; radii are the shortest decimals that
  /// parse back exactly.
  var certificateTable: String {
    var text = "index\tlabel\tpredicted\tradius\tcorrect\n"
    for point in summary.points {
      text +=
        "\(point.index)\t\(point.label)\t\(point.predicted)\t\(point.radius.value)"
        + "\t\(point.isCorrect ? 1 : 0)\n"
    }
    return text
  }
}
