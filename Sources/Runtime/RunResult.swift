import Diagnostics

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

  /// How training went.
  public struct Training: Sendable {
    /// Epochs done.
    public let epochs: Int
    /// Steps done.
    public let steps: Int
    /// Seconds this process spent in training.
    public let seconds: Double
    /// Images a second in this process.
    public let imagesPerSecond: Double
    /// The record.
    public init(epochs: Int, steps: Int, seconds: Double, imagesPerSecond: Double) {
      self.epochs = epochs
      self.steps = steps
      self.seconds = seconds
      self.imagesPerSecond = imagesPerSecond
    }
  }

  /// The spec's name.
  public var name: String
  /// The certified points.
  public var summary: CertificationSummary
  /// Certified accuracy at the spec's radii.
  public var certified: [AtRadius]
  /// The guaranteed bound on the network's Lipschitz constant, and the same expression at lower
  /// bounds of its norms.
  public var lipschitz: (upper: Double, lower: Double)
  /// The largest bound of a difference of two logits.
  public var pairwise: Double
  /// What the spec's attacks found, if it has any.
  public var adversarial: AdversarialResult?
  /// How the network was trained, if it was.
  public var training: Training?
  /// Seconds spent on bounds and radii.
  public var certificationSeconds: Double
  /// The requirements and what became of them.
  public var requirements: [(text: String, verdict: String)]
  /// Whether none of the requirements fails.
  public var isAccepted: Bool
  /// Warnings.
  public var diagnostics: [Diagnostic]

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
