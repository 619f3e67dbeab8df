import Enclosure

/// Re-checks the entry of one point of a certificate.
struct PointCheck: Sendable {
  let enclosure: LogitEnclosure
  /// Bounds differences of two logits, row-major: derived, and as claimed.
  let pairs: [UpperBound]
  let claims: [[Double]]
  /// The samples after one another, and a class for each.
  let samples: [Float]
  let labels: [Float]
  /// The index of the first sample in the test data.
  let first: Int

  private var count: Int { claims.count }

  /// The points that are evaluated together.
  static let batch = Lanes.width

  /// Throws what is wrong with the first entry that is not right.
  ///
  /// - Parameter isConfirmed: gets whether plain sums agree with products of matrices, where asked for.
  func check(
    _ entries: [(index: Int, entry: Entry)], isConfirmed: ((Bool) -> Void)? = nil
  ) throws(Refusal) {
    var radii: [Double] = []
    for (index, entry) in entries {
      try entry.require(keys: [
        "index", "label", "predicted", "rival", "margin", "error", "radius", "difference",
      ])
      guard try entry("index").integer == first + index else {
        throw try entry("index").refuted("expected point \(first + index)")
      }
      radii.append(try entry("radius").magnitude)
    }
    let size = samples.count / labels.count
    let logits = enclosure.logits(
      entries.map { samples[$0.index * size..<($0.index + 1) * size] }, radii: radii,
      isConfirmed: isConfirmed)
    for (place, (index, entry)) in entries.enumerated() {
      try check(entry, at: index, radii[place], logits[place])
    }
  }

  private func check(
    _ entry: Entry, at index: Int, _ radius: Double, _ logits: LogitEnclosure.Logits?
  ) throws(Refusal) {
    let label = try entry("label").integer
    guard Float(label) == labels[index], (0..<count).contains(label) else {
      throw try entry("label").refuted("the label in the test data is \(labels[index])")
    }
    let predicted = try entry("predicted").integer
    guard (-1..<count).contains(predicted) else {
      throw try entry("predicted").malformed("expected a class or -1, found \(predicted)")
    }
    if radius > 0 {
      guard predicted == label else {
        throw try entry("radius").refuted("a misclassified point must have radius 0")
      }
      guard let logits else {
        throw try entry("radius").refuted("not verified: the logits could not be bounded")
      }
      try check(entry, radius, label, logits)
    } else if let logits {
      try check(entry, predicted: predicted, logits)
    }
    if let claim = try PointClaims.difference(entry), claim > -.infinity {
      try check(try entry("difference"), claim, label, logits)
    }
  }

  /// Whether the label's logit exceeds the other one by what is claimed.
  private func check(
    _ entry: Entry, _ claim: Double, _ label: Int, _ logits: LogitEnclosure.Logits?
  ) throws(Refusal) {
    guard count == 2 else { throw entry.malformed("a critic has 2 logits, found \(count)") }
    guard let logits else {
      throw entry.refuted("not verified: the logits could not be bounded")
    }
    let shown = DirectedRounding.addDown(logits.low[label], -logits.high[1 - label])
    guard claim <= shown else {
      throw entry.refuted("the difference shown is \(shown), not \(claim)")
    }
  }

  /// Whether nothing in the ball changes the class, and whether the entry's own numbers agree.
  private func check(
    _ entry: Entry, _ radius: Double, _ label: Int, _ logits: LogitEnclosure.Logits
  ) throws(Refusal) {
    let rival = try entry("rival").integer
    let (margin, error) = (try entry("margin").magnitude, try entry("error").magnitude)
    guard (0..<count).contains(rival), rival != label else {
      throw try entry("rival").malformed("expected a class other than \(label), found \(rival)")
    }
    let claim = claims[max(rival, label)][min(rival, label)]
    guard radius <= Self.radius(margin: margin, error: error, constant: claim) else {
      throw try entry("radius").refuted(
        "margin, error and constant give radius \(Self.radius(margin: margin, error: error, constant: claim))"
      )
    }
    guard margin <= (logits.high[label] - logits.low[rival]).nextUp else {
      throw try entry("margin").refuted(
        "the exact margin is at most \((logits.high[label] - logits.low[rival]).nextUp)")
    }
    let shown = enclosure.error(logits, label, rival).value
    guard shown <= error else {
      throw try entry("error").refuted("the error bound shown is \(shown), not \(error)")
    }
    for other in 0..<count where other != label {
      let difference = DirectedRounding.addDown(logits.low[label], -logits.high[other])
      let error = enclosure.error(logits, label, other).value
      let rest = DirectedRounding.addDown(difference, -error)
      let reach = pairs[label * count + other] * UpperBound(proven: radius)
      guard rest > 0, reach.value <= rest else {
        throw try entry("radius").refuted(
          "not verified: class \(other) could be reached within the radius")
      }
    }
  }

  /// (margin − error)/constant less 2⁻²⁰ of it, every step rounded down: the largest radius that the
  /// format allows for these numbers.
  static func radius(margin: Double, error: Double, constant: Double) -> Double {
    let quotient = ((margin - error).nextDown / constant).nextDown
    return max(0, min(quotient, .greatestFiniteMagnitude) * (1 - 0x1p-20)).nextDown
  }

  /// Whether execution may have given the class.
  private func check(
    _ entry: Entry, predicted: Int, _ logits: LogitEnclosure.Logits
  ) throws(Refusal) {
    guard predicted >= 0 else {
      throw try entry("predicted").refuted("expected a class, since no logit can be NaN")
    }
    for other in 0..<count where other != predicted {
      let most = DirectedRounding.addUp(logits.high[predicted], -logits.low[other])
      guard most + enclosure.error(logits, predicted, other).value >= 0 else {
        throw try entry("predicted").refuted("class \(other) has a larger logit")
      }
    }
  }
}
