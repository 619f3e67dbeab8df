import Enclosure

/// Re-checks the bound of a critic on the Wasserstein distance between the samples of its two classes.
///
/// (mean of F_0 − F_1 over class 0 + mean of F_1 − F_0 over class 1)/K bounds it from below: a way to move
/// one class's samples to the other's changes the mean of F_0 − F_1 by at most K times the distance moved.
struct WassersteinCheck {
  private let points: [PointClaims.Point]
  /// Bounds the constant of F_0 − F_1: as claimed, and as proved.
  private let constant: (claimed: UpperBound, proved: UpperBound)

  init(_ claims: PointClaims, claimed: UpperBound, proved: UpperBound) {
    (points, constant) = (claims.points, (claimed, proved))
  }

  /// Refuses an entry that does not follow from the points and the constant.
  ///
  /// - Returns: the bound.
  func check(_ entry: Entry) throws(Refusal) -> Double {
    try entry.require(keys: ["lower", "samples"])
    let counts = [0, 1].map { label in points.count { $0.label == label } }
    guard try entry("samples").integers == counts, counts.allSatisfy({ $0 > 0 }) else {
      throw try entry("samples").refuted("the classes have \(counts[0]) and \(counts[1]) samples")
    }
    let separation = try separation(counts, entry)
    let lower = try entry("lower").magnitude
    let expected = Self.distance(separation, constant.claimed)
    guard lower == expected else {
      throw try entry("lower").refuted("points and constant give \(expected)")
    }
    let moved = constant.proved * UpperBound(proven: lower)
    guard lower == 0 || moved.value <= separation else {
      throw try entry("lower").refuted(
        "not verified: the constant could not be shown to be small enough")
    }
    return lower
  }

  /// The sum of the two means, rounded down.
  private func separation(_ counts: [Int], _ entry: Entry) throws(Refusal) -> Double {
    var sums = [0.0, 0.0]
    for point in points {
      guard sums.indices.contains(point.label), let difference = point.difference else {
        throw entry.refuted("not verified: a point is of a third class or has no 'difference'")
      }
      sums[point.label] = DirectedRounding.addDown(sums[point.label], difference)
    }
    let means = zip(sums, counts).map { DirectedRounding.divideDown($0, Double($1)) }
    return DirectedRounding.addDown(means[0], means[1])
  }

  /// separation/constant less 2⁻²⁰ of it, rounded down: what the format states for these numbers.
  private static func distance(_ separation: Double, _ constant: UpperBound) -> Double {
    guard separation > 0, separation.isFinite, constant.value > 0, constant.isFinite else {
      return 0
    }
    let quotient = min(
      DirectedRounding.divideDown(separation, constant.value), .greatestFiniteMagnitude)
    return DirectedRounding.multiplyDown(quotient, 1 - 0x1p-20)
  }
}
