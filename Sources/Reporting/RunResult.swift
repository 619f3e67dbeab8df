import Attacks
import Certification
import Diagnostics
import ModelIR
import Training

/// What a run or a certification found: `result.json`, and the table on standard output.
public struct RunResult: Sendable {
  /// A certified accuracy at one of the spec's radii.
  struct AtRadius: Sendable {
    /// The radius as written in the spec.
    let text: String
    /// The radius, nearest Double.
    let value: Double
    /// The points certified at it.
    let count: Int
    /// Their share.
    let accuracy: Double
    /// The points that would be certified at it in real arithmetic.
    let exactCount: Int
  }

  private let name: String
  private let origin: RunOrigin
  private let precision: Precision
  /// The certified points.
  public let summary: RadiusStatistics
  /// Certified accuracy at the spec's radii.
  private let certified: [AtRadius]
  /// What rounding costs.
  private let rounding: RoundingStatistics
  /// Which test points were certified; nil for all.
  private let part: (shard: Shard, total: Int)?
  /// The guaranteed bound on the network's Lipschitz constant, and the same expression at lower
  /// bounds of its norms.
  private let lipschitz: (upper: Double, lower: Double)
  /// The largest bound of a difference of two logits.
  private let pairwise: Double
  /// What a critic's points prove of a distance between its two classes; nil for a part of the test points.
  public let wasserstein: WassersteinBound?
  /// What the spec's attacks found, if it has any.
  public let adversarial: AttackResults?
  /// How the network was trained, if it was.
  private let training: TrainingRecord?
  /// What the data alone say; nil for a part of the test points.
  private let comparison: DataComparison?
  private let times: CertificationTimes
  private let requirements: Requirements
  /// Warnings.
  public let diagnostics: [Diagnostic]

  /// A result; `rounding` counts at the spec's radii.
  public init(
    _ spec: ModelSpec, origin: RunOrigin, part: (shard: Shard, total: Int)? = nil,
    summary: RadiusStatistics,
    rounding: RoundingStatistics, lipschitz: (upper: Double, lower: Double), pairwise: Double,
    wasserstein: WassersteinBound? = nil,
    adversarial: AttackResults? = nil, training: TrainingRecord? = nil,
    geometry: Result<DataGeometry, Failure>? = nil, times: CertificationTimes,
    requirements: Requirements, diagnostics: [Diagnostic]
  ) {
    (name, precision) = (spec.name, spec.certify.precision)
    self.origin = origin
    self.part = part
    self.summary = summary
    self.rounding = rounding
    certified = zip(spec.certify.radii, rounding.exactCounts).map { radius, exactCount in
      AtRadius(
        text: radius.text, value: radius.nearest,
        count: summary.certifiedCount(above: radius.upper),
        accuracy: summary.certifiedAccuracy(above: radius.upper), exactCount: exactCount)
    }
    self.lipschitz = lipschitz
    self.pairwise = pairwise
    self.wasserstein = wasserstein
    self.adversarial = adversarial
    self.training = training
    comparison = geometry.map { DataComparison($0, radii: spec.certify.radii) }
    self.times = times
    self.requirements = requirements
    self.diagnostics = diagnostics
  }

  /// Whether no requirement fails.
  public var isAccepted: Bool { !requirements.hasFailure }

  /// `result.json`.
  public var json: JSONValue {
    var entries: [(String, JSONValue)] = [
      ("name", .string(name)),
      ("precision", .string(precision.rawValue)),
      ("points", .integer(summary.points.count)),
      ("clean_accuracy", .number(summary.cleanAccuracy)),
      (
        "certified_accuracy",
        .array(
          certified.map {
            [
              "radius": .string($0.text), "value": .number($0.value),
              "accuracy": .number($0.accuracy),
            ]
          })
      ),
      (
        "radius",
        ["median": .number(summary.medianRadius), "mean": .number(summary.meanRadius)]
      ),
      ("lipschitz", ["upper": .number(lipschitz.upper), "lower": .number(lipschitz.lower)]),
      ("pairwise", ["upper": .number(pairwise)]),
    ]
    if let wasserstein { entries.append(("wasserstein", wasserstein.json)) }
    entries += [
      ("rounding", roundingJSON),
      (
        "certification",
        [
          "seconds": .number(times.total), "bounds_seconds": .number(times.bounds),
          "forward_seconds": .number(times.forward),
        ]
      ),
    ]
    if let comparison { entries.append(("data", comparison.json)) }
    entries += adversarial?.json ?? [("attacks", [])]
    if let training {
      entries.append(
        (
          "train",
          [
            "epochs": .integer(training.epochs), "steps": .integer(training.steps),
            "seconds": .number(training.seconds),
            "images_per_second": .number(training.imagesPerSecond),
          ]
        ))
    }
    if let profile = training.flatMap(ProfileReport.init) {
      entries.append(("profile", profile.json))
    }
    entries.append(("requirements", requirements.json))
    entries += origin.entries
    let faults = diagnostics + (adversarial?.contradictions.map(\.diagnostic) ?? [])
    entries.append(("diagnostics", .array(faults.map(\.json))))
    return .object(.init(uniqueKeysWithValues: entries))
  }

  /// Its numbers for a log, by tags.
  public var scalars: [(tag: String, value: Double)] {
    [("result/clean_accuracy", summary.cleanAccuracy)]
      + certified.map { ("result/certified_accuracy/\($0.text)", $0.accuracy) }
      + [("result/median_radius", summary.medianRadius), ("result/lipschitz", lipschitz.upper)]
  }

  /// What the rounding of the executed network costs.
  private var roundingJSON: JSONValue {
    [
      "certified_accuracy_real": .array(
        certified.map {
          [
            "radius": .string($0.text), "value": .number($0.value),
            "accuracy": .number(Double($0.exactCount) / Double(max(1, summary.points.count))),
          ]
        }),
      "largest_error": .number(rounding.largestError.value),
    ]
  }

  /// The table for standard output.
  public func text(_ style: TextStyle = .plain) -> String {
    var blocks = [heading, accuracyTable.text]
    if let comparison { blocks.append(comparison.note(certified: summary.points.count)) }
    if let chain = adversarial?.chain { blocks.append(chain.table.text) }
    blocks += [lipschitzLine, roundingLine, wasserstein?.line, timeLine].compactMap(\.self)
    if let profile = training.flatMap(ProfileReport.init) { blocks += profile.blocks }
    if !requirements.decisions.isEmpty { blocks.append(requirements.table.text(style)) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var heading: String {
    let points = NumberText.grouped(summary.points.count)
    guard let part else { return "\(name): \(points) test points" }
    let total = NumberText.grouped(part.total)
    return "\(name): \(points) of \(total) test points, shard \(part.shard.text)"
  }

  private var accuracyTable: Table {
    let total = summary.points.count
    func compared(_ row: DataComparison.Row) -> [String] { comparison?.cells(row) ?? [] }
    let isCompared = !compared(.median).isEmpty
    let extra = isCompared ? [("1-NN", Table.Alignment.right), ("ceiling", .right)] : []
    var table = Table([("ℓ2 radius", .left), ("accuracy", .right), ("", .left)] + extra)
    table.append(
      ["clean", NumberText.percent(summary.cleanAccuracy), "measured"] + compared(.clean))
    for (index, row) in certified.enumerated() {
      let share = NumberText.percentDown(row.count, of: total)
      table.append([row.text, share, "certified"] + compared(.radius(index)))
    }
    for row in adversarial?.rows ?? [] {
      table.append([row.radius, NumberText.percent(row.accuracy), "under \(row.name)"])
    }
    let median = NumberText.significant(summary.medianRadius, .down)
    table.append(["median", median, "certified radius"] + compared(.median))
    table.append(["mean", NumberText.significant(summary.meanRadius, .down), "certified radius"])
    return table
  }

  private var lipschitzLine: String {
    let upper = NumberText.significant(lipschitz.upper, .up)
    let lower = NumberText.significant(lipschitz.lower, .down)
    let pair = NumberText.significant(pairwise, .up)
    return "  Lipschitz constant ≤ \(upper) (\(lower) with lower bounds on the norms), "
      + "≤ \(pair) for the difference of any two logits"
  }

  private var roundingLine: String {
    let error = NumberText.significant(rounding.largestError.value, .up)
    let lost = certified.map { $0.exactCount - $0.count }.max() ?? 0
    let points = Double(lost) / Double(max(1, summary.points.count)) * 100
    let price = NumberText.fixed(points, digits: 1, .up)
    return
      "  \(precision.rawValue) rounding changes a logit by at most \(error) inside a certified ball; "
      + "accounting for it lowers certified accuracy by at most \(price) points"
  }

  private var timeLine: String {
    func seconds(_ number: Double) -> String { "\(NumberText.fixed(number, digits: 2)) s" }
    var certification =
      "certified in \(seconds(times.total))"
      + " (bounds \(seconds(times.bounds)), forward passes \(seconds(times.forward)))"
    if let adversarial {
      certification += ", attacked in \(NumberText.fixed(adversarial.seconds, digits: 1)) s"
    }
    guard let training else { return "  \(certification)" }
    return
      "  trained \(training.epochs) \(training.epochs == 1 ? "epoch" : "epochs") in \(NumberText.fixed(training.seconds, digits: 1)) s"
      + " (\(NumberText.grouped(Int(training.imagesPerSecond))) images/s), \(certification)"
  }
}

extension WassersteinBound {
  /// A line of the result.
  fileprivate var line: String {
    let distance = NumberText.significant(lower.value, .down)
    return
      "  Wasserstein-1 distance of the test samples of class 0 from those of class 1 ≥ \(distance)"
  }
}
