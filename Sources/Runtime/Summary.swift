import Enclosure

/// Accuracy and radii over a set of certified points.
public struct CertificationSummary: Sendable {
  /// The points.
  public let points: [PointCertificate]

  /// Summarises points.
  public init(_ points: [PointCertificate]) { self.points = points }

  /// The share of points that are classified right; 0 for no points.
  public var cleanAccuracy: Double { share { $0.isCorrect } }

  /// The share of points whose radius is strictly above a radius given by an upper bound of it.
  public func certifiedAccuracy(above radius: Double) -> Double {
    share { $0.radius.value > radius }
  }

  /// The median radius, the lower of the two middle ones for an even count; wrong points count as 0.
  public var medianRadius: Double {
    let sorted = points.map(\.radius.value).sorted()
    return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }

  /// The mean radius; wrong points count as 0.
  public var meanRadius: Double {
    guard !points.isEmpty else { return 0 }
    let count = Double(points.count)
    return points.reduce(0) { $0 + $1.radius.value / count }
  }

  private func share(_ holds: (PointCertificate) -> Bool) -> Double {
    points.isEmpty ? 0 : Double(points.count(where: holds)) / Double(points.count)
  }
}
