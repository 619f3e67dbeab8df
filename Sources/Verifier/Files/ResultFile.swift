import Enclosure

/// `result.json`, whose figures about bounds and points follow from a certificate.
struct ResultFile {
  /// The file's name.
  static let name = "result.json"

  private let claims: PointClaims
  /// The bound of the network and the largest of a pair of logits.
  private let (lipschitz, pairwise): (UpperBound, UpperBound)
  private let spec: Entry
  private let certificate: Entry
  private let isShard: Bool
  private let format: FloatFormat

  init(
    _ claims: PointClaims, certificate: Entry, spec: Entry, _ format: FloatFormat
  ) throws(Refusal) {
    self.format = format
    (self.claims, self.certificate, self.spec) = (claims, certificate, spec)
    isShard = try certificate.optional("shard") != nil
    lipschitz = try certificate("layers").elements.last?("bound").bound ?? .one
    var largest = UpperBound.zero
    for row in try certificate("pairs").elements {
      for pair in try row.elements { largest = max(largest, try pair.bound) }
    }
    pairwise = largest
  }

  /// Refuses a result with a figure other than the certificate gives.
  ///
  /// What a certificate does not say is not compared: the results of attacks and training, lower bounds,
  /// accuracies in real arithmetic, times.
  func check(_ result: Entry) throws(Refusal) {
    guard try result("name").string == certificate("name").string else {
      throw try result("name").refuted("the certificate's is '\(try certificate("name").string)'")
    }
    if let precision = try result.optional("precision") {
      guard try precision.string == format.rawValue else {
        throw precision.refuted("the certificate's is '\(format.rawValue)'")
      }
    }
    guard try result("points").integer == claims.points.count else {
      throw try result("points").refuted("the certificate has \(claims.points.count)")
    }
    try compare(result("clean_accuracy"), share(claims.correct))
    try check(accuracies: try result("certified_accuracy"))
    try compare(result("radius")("median"), median)
    try check(mean: try result("radius")("mean"))
    try compare(result("lipschitz")("upper"), lipschitz.value)
    try compare(result("pairwise")("upper"), pairwise.value)
    try check(wasserstein: try result.optional("wasserstein"), result)
    try check(requirements: try result("requirements"))
  }

  private func check(wasserstein entry: Entry?, _ result: Entry) throws(Refusal) {
    guard let claim = try certificate.optional("wasserstein") else {
      if let entry { throw entry.refuted("the certificate has no such bound") }
      return
    }
    let entry = try result("wasserstein")
    try compare(entry("lower"), claim("lower").magnitude)
    guard try entry("samples").integers == claim("samples").integers else {
      throw try entry("samples").refuted("the certificate has others")
    }
  }

  private func share(_ count: Int) -> Double { Double(count) / Double(claims.points.count) }

  /// The lower of the two middle ones for an even count.
  private var median: Double {
    claims.points.map(\.radius).sorted()[(claims.points.count - 1) / 2]
  }

  private func compare(_ entry: Entry, _ expected: Double) throws(Refusal) {
    guard try entry.bound.value == expected else {
      throw entry.refuted("the certificate gives \(expected)")
    }
  }

  private func check(mean entry: Entry) throws(Refusal) {
    let count = Double(claims.points.count)
    let sum = claims.points.reduce(0) { DirectedRounding.addDown($0, $1.radius) }
    let mean = DirectedRounding.divideDown(sum, count)
    guard try entry.magnitude == mean else { throw entry.refuted("the certificate gives \(mean)") }
  }

  /// The accuracies at the radii of the spec, which a certified radius must exceed.
  private func check(accuracies list: Entry) throws(Refusal) {
    let radii = try spec("certify")("radii").oneOrMore
    let entries = try list.elements
    guard entries.count == radii.count else {
      throw list.refuted("the spec has \(radii.count) radii, found \(entries.count)")
    }
    for (entry, radius) in zip(entries, radii) {
      let text = try radius.string
      guard try entry("radius").string == text else {
        throw try entry("radius").refuted("the spec has the radius '\(text)'")
      }
      guard let bounds = ExactText.bounds(text) else {
        throw radius.malformed("expected a number of at least 0")
      }
      guard (bounds.low...bounds.high).contains(try entry("value").magnitude) else {
        throw try entry("value").refuted("'\(text)' is about \(bounds.low)")
      }
      // No point has a radius between the two, unless it was made so.
      let least = claims.certified(above: bounds.high)
      let most = claims.certified(above: bounds.low)
      let accuracy = try entry("accuracy").magnitude
      guard (least...most).contains(where: { share($0) == accuracy }) else {
        throw try entry("accuracy").refuted("the certificate gives \(share(least))")
      }
    }
  }

  private func check(requirements list: Entry) throws(Refusal) {
    let lines = try spec.optional("require")?.oneOrMore ?? []
    let entries = try list.elements
    guard entries.count == lines.count else {
      throw list.refuted("the spec has \(lines.count) requirements, found \(entries.count)")
    }
    for (entry, line) in zip(entries, lines) {
      let text = try line.string
      guard try entry("text").string == text else {
        throw try entry("text").refuted("the spec requires '\(text)'")
      }
      guard let holds = verdict(text) else { continue }
      guard try entry("verdict").string == (holds ? "holds" : "fails") else {
        throw try entry("verdict").refuted(
          "by the certificate the requirement \(holds ? "holds" : "does not hold")")
      }
    }
  }

  /// Whether a requirement holds; nil if the certificate does not say, or if it is too close.
  private func verdict(_ text: String) -> Bool? {
    let relations = ["<=", ">=", "<", ">"]
    guard let relation = relations.first(where: { text.contains($0) }),
      let range = text.firstRange(of: relation),
      let limit = ExactText.bounds(String(text[range.upperBound...])),
      let value = value(of: text[..<range.lowerBound].filter { $0 != " " })
    else { return nil }
    if value.low > limit.high { return relation.hasPrefix(">") }
    if value.high < limit.low { return relation.hasPrefix("<") }
    let isEqual = value.low == value.high && limit.low == limit.high
    return isEqual ? relation.hasSuffix("=") : nil
  }

  /// A quantity of a requirement.
  ///
  /// A shard does not decide what is required of all test points.
  private func value(of quantity: String) -> (low: Double, high: Double)? {
    guard !isShard || quantity == "lipschitz" else { return nil }
    func ratio(_ count: Int) -> (low: Double, high: Double) {
      count % claims.points.count == 0
        ? (share(count), share(count)) : (share(count).nextDown, share(count).nextUp)
    }
    switch quantity {
    case "lipschitz": return (lipschitz.value, lipschitz.value)
    case "clean_accuracy": return ratio(claims.correct)
    case "median_radius": return (median, median)
    case "wasserstein":
      let claim = try? certificate.optional("wasserstein")?("lower").magnitude
      return claim.map { ($0, $0) }
    default:
      guard let found = quantity.wholeMatch(of: /certified_accuracy\((.*)\)/),
        let radius = ExactText.bounds(String(found.output.1)),
        claims.certified(above: radius.low) == claims.certified(above: radius.high)
      else { return nil }
      return ratio(claims.certified(above: radius.high))
    }
  }
}
