import Attacks
import Certification
import Diagnostics
import Training

/// What a run or a certification found: `result.json`, and the table on standard output.
public struct RunResult: Sendable {
  /// A certified accuracy at one of the spec's radii.
  public struct AtRadius: Sendable {
    /// The radius as written in the spec.
    public let text: String
    /// The radius, nearest Double.
    public let value: Double
    /// The points certified at it.
    public let count: Int
    /// Their share.
    public let accuracy: Double
    /// The points that would be certified at it in real arithmetic.
    public let exactCount: Int
    /// A row.
    public init(text: String, value: Double, count: Int, accuracy: Double, exactCount: Int) {
      self.text = text
      self.value = value
      self.count = count
      self.accuracy = accuracy
      self.exactCount = exactCount
    }
  }

  /// The spec's name.
  public var name: String
  /// The certified points.
  public var summary: RadiusStatistics
  /// Certified accuracy at the spec's radii.
  public var certified: [AtRadius]
  /// The guaranteed bound on the network's Lipschitz constant, and the same expression at lower
  /// bounds of its norms.
  public var lipschitz: (upper: Double, lower: Double)
  /// The largest bound of a difference of two logits.
  public var pairwise: Double
  /// What the spec's attacks found, if it has any.
  public var adversarial: AttackResults?
  /// How the network was trained, if it was.
  public var training: TrainingRecord?
  /// Seconds spent on bounds and radii.
  public var certificationSeconds: Double
  /// The requirements and what became of them.
  public var requirements: [(text: String, verdict: String)]
  /// Whether none of the requirements fails.
  public var isAccepted: Bool
  /// Warnings.
  public var diagnostics: [Diagnostic]

  /// A result of given parts.
  public init(
    name: String, summary: RadiusStatistics, certified: [AtRadius],
    lipschitz: (upper: Double, lower: Double), pairwise: Double, adversarial: AttackResults?,
    training: TrainingRecord?, certificationSeconds: Double,
    requirements: [(text: String, verdict: String)], isAccepted: Bool, diagnostics: [Diagnostic]
  ) {
    self.name = name
    self.summary = summary
    self.certified = certified
    self.lipschitz = lipschitz
    self.pairwise = pairwise
    self.adversarial = adversarial
    self.training = training
    self.certificationSeconds = certificationSeconds
    self.requirements = requirements
    self.isAccepted = isAccepted
    self.diagnostics = diagnostics
  }

  /// The keys of the contract, and `pairwise`, `rounding` and `certification` beside them.
  public var json: JSONValue {
    var entries: [(String, JSONValue)] = [
      ("name", .string(name)),
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
      ("rounding", rounding),
      ("certification", ["seconds": .number(certificationSeconds)]),
    ]
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
    entries.append(
      (
        "requirements",
        .array(requirements.map { ["text": .string($0.text), "verdict": .string($0.verdict)] })
      ))
    let faults = diagnostics + (adversarial?.contradictions.map(\.diagnostic) ?? [])
    entries.append(("diagnostics", .array(faults.map(\.json))))
    return .object(.init(uniqueKeysWithValues: entries))
  }

  /// What the rounding of the executed network costs.
  private var rounding: JSONValue {
    [
      "certified_accuracy_real": .array(
        certified.map {
          [
            "radius": .string($0.text), "value": .number($0.value),
            "accuracy": .number(Double($0.exactCount) / Double(max(1, summary.points.count))),
          ]
        }),
      "largest_error": .number(summary.largestError.value),
    ]
  }
}
