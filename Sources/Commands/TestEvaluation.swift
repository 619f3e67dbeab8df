import Attacks
import Certification
import Compiler
import Diagnostics
import Execution
import Files
import MatrixProducts
import ModelIR
import Reporting
import Training

/// Computes bounds and radii of a network with given weights on the test set or one shard of it, for
/// `run` and `certify`.
struct TestEvaluation {
  private let loading: SpecLoading
  private let backend: any Backend
  /// The engine that certificates are about.
  private let certified: any Backend
  private let workers: Workers
  private let samples: SampleSet
  private let shard: Shard?
  /// The samples to certify.
  private let range: Range<Int>
  private let progress: PhaseProgress
  private let provenance: Provenance

  /// Reads the test data; throws ``Failure``.
  ///
  /// - Parameters:
  ///   - backend: runs attacks.
  ///   - certified: executes what certificates are about; the same if nil.
  init(
    loading: SpecLoading, backend: any Backend, certified: (any Backend)? = nil,
    device: String = "cpu", workers: Workers = .single, shard: Shard? = nil,
    progress: PhaseProgress = PhaseProgress(.hidden)
  ) throws(Failure) {
    (self.loading, self.backend, self.workers) = (loading, backend, workers)
    self.certified = certified ?? backend
    (self.shard, self.progress) = (shard, progress)
    provenance = loading.provenance(device: device, threads: workers.count)
    if shard != nil { try loading.requireNoAttacks() }
    samples = try loading.samples(.test)
    range = shard?.range(of: samples.count) ?? 0..<samples.count
    if range.isEmpty, let shard { throw shard.tooMany(for: samples.count) }
  }

  /// The result, and what its certificate is computed from.
  struct Outcome {
    let result: RunResult
    let bounds: NetworkBounds
    let weights: Weights
    /// The certificate without its points, if it is known already.
    fileprivate let head: JSONValue?
    fileprivate let journal: CertificationJournal?
  }

  /// Where certified points are kept, and when to stop.
  struct Keeping {
    /// The folder of the journal.
    let folder: RunFolder
    /// Whether to go on from the journal that is there.
    var isResumed = false
    /// Asked between chunks of points.
    var isInterrupted: () -> Bool = { Interruption.isRequested }
  }

  /// A certification was stopped.
  struct Interrupted: Error {
    /// The points that are certified and in the journal, and those of the whole.
    let kept: Int
    let total: Int
    let folder: RunFolder
  }

  /// Certifies and collects the result.
  ///
  /// Throws ``Failure``, or ``Interrupted`` if it was stopped. Memory grows by the points' certificates,
  /// not by their values or logits.
  func outcome(
    weights: Weights, training: TrainingRecord?, keeping: Keeping? = nil
  ) throws -> Outcome {
    let start = ContinuousClock.now
    let compilation = loading.compilation
    defer { progress.finish() }
    progress.announce("bounds")
    let bounds = NetworkBounds(
      compilation, search: compilation.spec.certify.effort, workers: workers,
      observer: { [progress] in progress.show($0) }, weights: weights)
    var times = CertificationTimes(bounds: start.secondsSince)
    // Not a conditional expression, in which 'nil' would be the JSON value null.
    var head: JSONValue?
    if keeping != nil { head = try self.head(bounds, files(weights)) }
    let journal = try self.journal(keeping, head)
    let points = try points(try certifier(weights, bounds), journal, keeping)
    (times.forward, times.total) = (points.forward, start.secondsSince)
    let geometry = shard == nil ? geometry() : nil
    let adversarial = try attacks(weights, points.summary, bounds)?.result()
    // For two logits the largest constant of a difference is the only one.
    let pairwise = bounds.differences.largest.value
    let wasserstein =
      shard == nil ? WassersteinBound(points.summary.points, constant: pairwise) : nil
    let result = RunResult(
      compilation.spec, origin: RunOrigin(compilation, bounds, provenance),
      part: shard.map { ($0, samples.count) }, summary: points.summary,
      rounding: points.rounding, lipschitz: (bounds.upper.value, bounds.lower.value),
      pairwise: pairwise, wasserstein: wasserstein, adversarial: adversarial,
      training: training, geometry: geometry, times: times,
      requirements: Requirements(
        compilation, lipschitz: bounds.upper.value, layers: compilation.constants(bounds),
        summary: shard == nil ? points.summary : nil, wasserstein: wasserstein),
      diagnostics: loading.warnings)
    return Outcome(
      result: result, bounds: bounds, weights: weights, head: head, journal: journal)
  }

  private func geometry() -> Result<DataGeometry, Failure> {
    progress.begin("nearest neighbors")
    return loading.geometry(samples, range, workers) { [progress] visited, total in
      if visited == 0 { progress.expect(total) } else { progress.advance(by: visited) }
    }
  }

  /// What the certificate says besides its points.
  private func head(
    _ bounds: NetworkBounds, _ files: CertifiedFiles
  ) throws(Failure) -> JSONValue {
    let data = try loading.dataRecord(of: samples)
    return Certificate(loading.compilation, bounds: bounds, data: data, shard: shard)
      .head(digests: try files.digests())
  }

  private func files(_ weights: Weights) -> CertifiedFiles {
    CertifiedFiles(loading.compilation.spec, weights: weights, samples: samples, range: range)
  }

  private func journal(
    _ keeping: Keeping?, _ head: JSONValue?
  ) throws(Failure) -> CertificationJournal? {
    guard let keeping, let head else { return nil }
    return try CertificationJournal(
      keeping.folder, head: head, labels: samples.labels[range], isResumed: keeping.isResumed)
  }

  private func certifier(_ weights: Weights, _ bounds: NetworkBounds) throws -> Certifier {
    let model = loading.compilation.model
    let network = try ExecutedNetwork(
      model, loading.compilation.spec.certify.precision, weights: weights, on: certified,
      batch: min(ExecutedNetwork.batch, samples.count))
    return Certifier(
      network, weights: weights, bounds: bounds, isCritic: loading.compilation.spec.isCritic)
  }

  /// Certifies the points that the journal does not have.
  private func points(
    _ certifier: Certifier, _ journal: CertificationJournal?, _ keeping: Keeping?
  ) throws -> (summary: RadiusStatistics, rounding: RoundingStatistics, forward: Double) {
    var rounding = RoundingStatistics(above: loading.compilation.spec.certify.radii.map(\.upper))
    var points: [PointCertificate] = []
    points.reserveCapacity(range.count)
    func take(_ new: [AnalyzedPoint]) {
      for point in new { rounding.add(point) }
      points += new.map(\.certificate)
    }
    func requireNoInterruption() throws {
      guard let keeping, keeping.isInterrupted() else { return }
      throw Interrupted(kept: points.count, total: range.count, folder: keeping.folder)
    }
    take(journal?.takeKept() ?? [])
    progress.begin("certify")
    progress.expect(range.count, done: points.count)
    if journal != nil { Interruption.install() }
    let forward = try certifier.certify(
      samples, in: range.dropFirst(points.count), workers,
      advance: { [progress] in progress.advance(by: $0) }
    ) { new in
      try journal?.append(new)
      take(new)
      try requireNoInterruption()
    }
    if journal != nil { Interruption.endAtOnce(after: .certification) }
    try requireNoInterruption()
    return (RadiusStatistics(points), rounding, forward)
  }

  /// Writes the result, the certificate, and the files that it refers to.
  func write(_ outcome: Outcome, to folder: RunFolder) throws(Failure) {
    let files = files(outcome.weights)
    let points = outcome.result.summary.points
    try files.write(to: folder)
    // Those of an earlier result are not this one's.
    for file in [RunFolder.File.witnesses, .adversarial] { folder.remove(file) }
    let head = if let known = outcome.head { known } else { try head(outcome.bounds, files) }
    try folder.write(certificate: head, of: points, outcome.result.wasserstein)
    if let adversarial = outcome.result.adversarial, !adversarial.contradictions.isEmpty {
      let witnesses = adversarial.contradictions.witnesses(shape: adversarial.sampleShape)
      try folder.write(witnesses, as: .witnesses)
    }
    if let adversarial = outcome.result.adversarial, !adversarial.nearest.isEmpty {
      try folder.write(adversarial.examples(shownOf: points), as: .adversarial)
    }
    try folder.write(outcome.result.json.prettyText, as: .result)
    try folder.write(table: points)
    try folder.write(
      try ReportPage([try RunRecord(folder.path, isForPage: true)]).html, as: .report)
    outcome.journal?.remove()
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
      engines: SearchEngines(backend, certified: certified), observer: progress)
    return RobustnessEvaluation(
      spec, context, certificates: summary.points, bounds: bounds.differences)
  }
}

extension SpecLoading {
  /// What the data alone say about test points, or why it is not known: training samples may be missing where a
  /// network is only certified.
  func geometry(
    _ test: SampleSet, _ range: Range<Int>, _ workers: Workers,
    onBlock: @Sendable @escaping (_ visited: Int, _ total: Int) -> Void = { _, _ in }
  ) -> Result<DataGeometry, Failure> {
    Result { () throws(Failure) in
      try DataGeometry(
        test, range: range, training: try samples(.train), workers: workers, onBlock: onBlock)
    }
  }

  /// Throws `usage.shard` where the spec has attacks, whose results are about all test points together.
  fileprivate func requireNoAttacks() throws(Failure) {
    guard !compilation.spec.certify.attacks.isEmpty else { return }
    throw Failure(
      Diagnostic(
        .init(.usage, "shard"),
        "'--shard' certifies without attacks, and 'certify.attacks' has some", at: .none,
        help: "add '--set certify.attacks=[]', and run 'audit' on the merged folder"))
  }

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

extension Shard {
  /// The fault that this part of so many points is empty.
  fileprivate func tooMany(for points: Int) -> Failure {
    Failure(
      Diagnostic(
        .init(.usage, "shard"), "shard \(text) is empty: there are \(points) test points",
        at: .none, help: "use at most \(points) shards"))
  }
}

extension RunFolder {
  /// Writes `certificate.json`.
  func write(
    certificate head: JSONValue, of points: [PointCertificate], _ wasserstein: WassersteinBound?
  ) throws(Failure) {
    let head = wasserstein.map { head.setting("wasserstein", to: $0.json) } ?? head
    try write(as: .certificate) { sink throws(Failure) in
      var text = try CertificateText(head: head, to: sink)
      for point in points { try text.append(point) }
      try text.finish()
    }
  }

  /// Writes `certificate.tsv`: `index label predicted radius correct`, one line for each point; radii are
  /// the shortest decimals that parse back exactly.
  func write(table points: [PointCertificate]) throws(Failure) {
    try write(as: .certificateTable) { sink throws(Failure) in
      try sink.append("index\tlabel\tpredicted\tradius\tcorrect\n")
      for point in points {
        try sink.append(
          "\(point.index)\t\(point.label)\t\(point.predicted)\t\(point.radius.value)"
            + "\t\(point.isCorrect ? 1 : 0)\n")
      }
    }
  }
}
