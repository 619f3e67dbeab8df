import Enclosure

/// What the rounding of the executed network costs over a set of certified points.
public struct RoundingStatistics: Sendable {
  /// Upper bounds of the radii at which points are counted.
  private let radii: [Double]
  /// For each radius the points that would be certified at it in real arithmetic.
  public private(set) var exactCounts: [Int]
  /// The largest error of an executed logit in a certified ball; 0 if no point is certified.
  public private(set) var largestError = UpperBound.zero

  /// Statistics of no points, at radii given by upper bounds of them.
  public init(above radii: [Double]) {
    self.radii = radii
    exactCounts = Array(repeating: 0, count: radii.count)
  }

  /// Counts one more point.
  public mutating func add(_ point: AnalyzedPoint) {
    for (place, radius) in radii.enumerated() where point.exactRadius.value > radius {
      exactCounts[place] += 1
    }
    if point.certificate.radius > .zero { largestError = max(largestError, point.error) }
  }

  /// Adds the points of another part, given by its counts and its largest error.
  public mutating func add(exactCounts other: [Int], largestError error: UpperBound) {
    for (place, count) in other.enumerated() { exactCounts[place] += count }
    largestError = max(largestError, error)
  }
}
