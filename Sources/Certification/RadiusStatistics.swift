import Enclosure

/// Accuracy and radii over a set of certified points.
public struct RadiusStatistics: Sendable {
  /// The points.
  public let points: [PointCertificate]

  /// Statistics of points.
  public init(_ points: [PointCertificate]) { self.points = points }

  /// The number of points that are classified correctly.
  var correctCount: Int { points.count { $0.isCorrect } }

  /// The number of points whose radius is strictly above a radius given by an upper bound of it.
  public func certifiedCount(above radius: Double) -> Int {
    points.count { $0.radius.value > radius }
  }

  /// The share of points that are classified correctly; 0 for no points.
  public var cleanAccuracy: Double { share(correctCount) }

  /// The share of points certified at a radius given by an upper bound of it; 0 for no points.
  public func certifiedAccuracy(above radius: Double) -> Double {
    share(certifiedCount(above: radius))
  }

  /// The median radius, the lower of the two middle ones for an even count; wrong points count as 0.
  public var medianRadius: Double {
    let sorted = points.map(\.radius.value).sorted()
    return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }

  /// The mean radius, rounded down; wrong points count as 0.
  public var meanRadius: Double {
    guard !points.isEmpty else { return 0 }
    let sum = points.reduce(LowerBound.zero) { $0 + $1.radius }
    return (sum / UpperBound(integer: points.count)).value
  }

  private func share(_ count: Int) -> Double {
    points.isEmpty ? 0 : Double(count) / Double(points.count)
  }
}
