/// What a certificate claims of each point, as far as other files repeat it.
struct PointClaims: Sendable {
  /// One point.
  struct Point: Sendable {
    let label: Int
    let predicted: Int
    let radius: Double
    /// Of a critic: at most the difference of the label's logit and the other one; −∞ claims nothing.
    let difference: Double?

    var isCorrect: Bool { predicted == label }
  }

  /// The points in the order of the test data.
  let points: [Point]
  /// The index of the first point in the test data.
  let first: Int

  /// Reads the claims; they must be of the samples from `first` on with these labels, each once and in
  /// order.
  init(_ list: Entry, first: Int, labels: [Float]) throws(Refusal) {
    self.first = first
    let entries = try list.elements
    guard entries.count == labels.count else {
      throw list.refuted("the test data have \(labels.count) points, found \(entries.count)")
    }
    var points: [Point] = []
    for (index, entry) in entries.enumerated() {
      guard try entry("index").integer == first + index else {
        throw try entry("index").refuted("expected point \(first + index)")
      }
      let label = try entry("label").integer
      guard Float(exactly: label) == labels[index] else {
        throw try entry("label").refuted("the label in the test data is \(labels[index])")
      }
      points.append(
        Point(
          label: label, predicted: try entry("predicted").integer,
          radius: try entry("radius").magnitude, difference: try Self.difference(entry)))
    }
    self.points = points
  }

  /// What is claimed of a critic's logits.
  static func difference(_ entry: Entry) throws(Refusal) -> Double? {
    guard let claim = try entry.optional("difference") else { return nil }
    return claim.isWord("null") ? -.infinity : try claim.number
  }

  /// The points classified correctly.
  var correct: Int { points.count { $0.isCorrect } }

  /// The points with a larger radius.
  func certified(above radius: Double) -> Int { points.count { $0.radius > radius } }
}
