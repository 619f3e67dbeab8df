import Attacks
import Certification
import Compiler
import Diagnostics
import Digest
import Execution
import Files
import MatrixProducts
import ModelIR
import Reporting
import Training

/// Computes bounds and radii of a network with given weights on the test set, for `run` and
/// `certify`.
struct TestEvaluation {
  private let loading: SpecLoading
  private let backend: any Backend
  private let workers: Workers
  private let samples: SampleSet
  private let progress: any SearchObserver

  /// Samples of a prediction.
  private static let batch = 100

  /// Reads the test data; throws ``Failure``.
  init(
    loading: SpecLoading, backend: any Backend, workers: Workers = .single,
    progress: any SearchObserver = NoObserver()
  ) throws(Failure) {
    self.loading = loading
    self.progress = progress
    self.backend = backend
    self.workers = workers
    samples = try loading.samples(.test)
  }

  /// The result, and what its certificate is computed from.
  struct Outcome {
    let result: RunResult
    let bounds: NetworkBounds
    let weights: Weights
  }

  /// Certifies and collects the result; throws ``Failure``.
  func outcome(
    weights: Weights, training: TrainingRecord?
  ) throws -> Outcome {
    let start = ContinuousClock.now
    let compilation = loading.compilation
    let bounds = NetworkBounds(compilation, workers: workers, weights: weights)
    let batch = min(Self.batch, samples.count)
    let prediction = Prediction(model: compilation.model, batch: batch)
    let predictor = Predictor(try backend.compile(prediction.graph), batch: batch)
    predictor.load(weights)
    let analyzed = AnalyzedPrediction(model: compilation.model)
    precondition(analyzed.describes(prediction), "the analyzed network is not the executed one")
    let certifier = Certifier(
      predictor: predictor, analyzed: analyzed, weights: weights, bounds: bounds,
      test: MarginTest(bounds: bounds.differences))
    let summary = RadiusStatistics(try certifier.certify(samples))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let adversarial = try attacks(weights, summary, bounds)?.result()
    let certified = compilation.spec.certify.radii.map { radius in
      RunResult.AtRadius(
        text: radius.text, value: radius.nearest,
        count: summary.certifiedCount(above: radius.upper),
        accuracy: summary.certifiedAccuracy(above: radius.upper),
        exactCount: summary.exactlyCertifiedCount(above: radius.upper))
    }
    let requirements = Requirements(
      compilation, lipschitz: bounds.upper.value, summary: summary)
    let result = RunResult(
      name: compilation.spec.name, summary: summary, certified: certified,
      lipschitz: (bounds.upper.value, bounds.lower.value),
      pairwise: bounds.differences.largest.value,
      adversarial: adversarial, training: training, certificationSeconds: seconds,
      requirements: requirements, diagnostics: loading.warnings)
    return Outcome(result: result, bounds: bounds, weights: weights)
  }

  /// Writes the result, and the certificate of the spec and the weights in the folder.
  func write(_ outcome: Outcome, to folder: RunFolder) throws(Failure) {
    let compilation = loading.compilation
    try folder.write(try samples.tensorFile(), as: .test)
    let certificate = Certificate(
      compilation, bounds: outcome.bounds, points: outcome.result.summary.points,
      data: try loading.dataRecord(of: samples))
    try folder.write(
      certificate.json(digests: try folder.digests(of: [.resolvedSpec, .model, .test])).prettyText,
      as: .certificate)
    if let adversarial = outcome.result.adversarial, !adversarial.contradictions.isEmpty {
      let witnesses = adversarial.contradictions.witnesses(shape: adversarial.sampleShape)
      try folder.write(witnesses, as: .witnesses)
    }
    try folder.write(outcome.result.json.prettyText, as: .result)
    try folder.write(outcome.result.certificateTable, as: .certificateTable)
  }
}

extension RunFolder {
  /// The SHA-256 digests of files, in hexadecimal digits.
  fileprivate func digests(of files: [File]) throws(Failure) -> [File: String] {
    var digests: [File: String] = [:]
    for file in files {
      digests[file] = SHA256.hexadecimalDigest(of: try read(file))
    }
    return digests
  }
}

extension TestEvaluation {
  /// The spec's attacks against the certificates; nil if it has none.
  private func attacks(
    _ weights: Weights, _ summary: RadiusStatistics, _ bounds: NetworkBounds
  ) throws(Failure) -> RobustnessEvaluation? {
    let spec = loading.compilation.spec.certify
    guard !spec.attacks.isEmpty else { return nil }
    try loading.requireInside(spec.box, samples)
    let context = SearchContext(
      loading.compilation, weights: weights, samples: samples, box: spec.box.box,
      engines: SearchEngines(backend), observer: progress)
    return RobustnessEvaluation(
      spec, context, certificates: summary.points, bounds: bounds.differences)
  }
}

extension SpecLoading {
  /// Throws `data.box` where a test sample lies outside the box of the attacks.
  fileprivate func requireInside(_ value: BoxValue, _ samples: SampleSet) throws(Failure) {
    guard let box = value.box else { return }
    let range = Float(box.low)...Float(box.high)
    for index in 0..<samples.count {
      guard let outside = try samples[index].first(where: { !range.contains($0) }) else { continue }
      throw Failure(
        .error(
          .data, "box",
          "test sample \(index) has the value \(outside), outside the attack box \(value.specText)",
          at: compilation.spec.data?.span ?? compilation.spec.network.span,
          help: "set 'certify.box' to the range of valid inputs, or to 'none'"))
    }
  }
}

extension RunResult {
  /// `index label predicted radius correct`, one line per point; radii are the shortest decimals that
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
