import Diagnostics
import Files
import Reporting
import Verifier

/// `lmtc verify`: re-checks a certificate with the independent checker, and its samples with the readers
/// of raw data.
public struct VerifyCommand {
  private let path: String
  private let sample: PointSample?
  private let dataPath: String?
  private let invocation: Invocation

  /// A command.
  ///
  /// - Parameters:
  ///   - path: the certificate, or the folder with its `certificate.json`.
  ///   - sample: how many points to re-evaluate; nil for all.
  ///   - seed: what the choice of points follows from; the system gives one if nil.
  ///   - dataPath: the raw test data, as `data.test` names them; nil for no comparison.
  ///   - threads: all cores if nil.
  public init(
    path: String, sample: Int?, seed: UInt64? = nil, dataPath: String? = nil, threads: Int?,
    isJSON: Bool, isQuiet: Bool = false, color: ColorChoice
  ) {
    self.path =
      FileReading.kind(of: path) == .folder
      ? path + "/" + RunFolder.File.certificate.rawValue : path
    self.sample = sample.map {
      PointSample(count: $0, seed: seed ?? UInt64.random(in: 0..<1 << 32))
    }
    self.dataPath = dataPath
    invocation = Invocation(
      specPath: path, threads: threads, isJSON: isJSON, isQuiet: isQuiet, color: color)
  }

  /// Runs the command; faults become diagnostics and an exit code.
  public func run() -> ExitCode {
    let console = Console(invocation)
    Interruption.endAtOnce(after: .start)
    do throws(Failure) {
      let report = try verified()
      if dataPath != nil || report.data.files == 0 {
        try SampleRecomputation(
          certificate: path, shard: report.shard, points: report.points, invocation
        ).check(at: dataPath)
      }
      try show(report, console)
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private func verified() throws(Failure) -> Verification.Report {
    let progress = invocation.phaseProgress
    progress.announce("checking bounds")
    progress.begin("checking points")
    defer { progress.finish() }
    do {
      return try Verification(
        path: path, sample: sample, threads: invocation.threads ?? Machine.cores
      ) { checked, total in
        if checked == 0 { progress.expect(total) } else { progress.advance(by: checked) }
      }.run()
    } catch {
      throw Failure(error.diagnostic)
    }
  }

  private func show(_ report: Verification.Report, _ console: Console) throws(Failure) {
    try console.write(console.isJSON ? json(report).prettyText : text(report, console.style))
  }

  private func json(_ report: Verification.Report) -> JSONValue {
    [
      "name": .string(report.name), "verified": true, "precision": .string(report.precision),
      "layers": .integer(report.layers),
      "points": .integer(report.points), "checked": .integer(report.checked),
      "confirmed": .integer(report.confirmed),
      "wasserstein": .optional(report.wasserstein),
      "seed": seed(report).map { .integer(Int($0)) } ?? .null,
      "compared": .array(report.compared.map { .string($0) }),
      "data": [
        "format": .string(report.data.format), "scale": .string(report.data.scale),
        "recomputed": .bool(dataPath != nil || report.data.files == 0),
        "path": dataPath.map { .string($0) } ?? .null,
      ],
      "shard": report.shard.map {
        [
          "number": .integer($0.number), "of": .integer($0.count), "first": .integer($0.first),
          "total": .integer($0.total),
        ]
      } ?? .null,
      "diagnostics": [],
    ]
  }

  /// The seed, if it made a difference.
  private func seed(_ report: Verification.Report) -> UInt64? {
    report.checked == report.points ? nil : sample?.seed
  }

  private func text(_ report: Verification.Report, _ style: TextStyle) -> String {
    let (checked, all) = (NumberText.grouped(report.checked), NumberText.grouped(report.points))
    let points =
      seed(report).map { "\(checked) of \(all) points (--seed \($0))" } ?? "all \(all) points"
    let shard = report.shard.map { " of shard \($0.number)/\($0.count)" } ?? ""
    let layers = report.layers == 1 ? "1 layer" : "\(report.layers) layers"
    var lines = [
      "\(report.name): " + style("verified", .passed)
        + " the bounds of \(layers) and \(points)\(shard)"
    ]
    if !report.compared.isEmpty {
      lines.append("  \(report.compared.joined(separator: " and ")) agree with the certificate")
    }
    if let distance = report.wasserstein {
      lines.append(
        "  the Wasserstein-1 distance of the samples of class 0 from those of class 1 is at least "
          + NumberText.significant(distance, .down))
    }
    lines.append("  " + dataText(report, style))
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is known of the samples: the independent checker does not read raw data.
  private func dataText(_ report: Verification.Report, _ style: TextStyle) -> String {
    let data = report.data
    let count = NumberText.grouped(report.points)
    let points = report.shard.map { "\(count) from \($0.first)" } ?? count
    let units = "\(data.format), scale \(data.scale)"
    if data.files == 0 {
      return "the samples are the \(points) of '\(units)', generated again by lmtc's own code"
    }
    guard let dataPath else {
      return style("not checked", .undecided)
        + ": whether the samples are the \(points) of the test data (\(units));"
        + " '--data PATH' compares them with the raw files"
    }
    return
      "the samples are the \(points) of '\(dataPath)' (\(units)), read again by lmtc's own readers"
  }
}
