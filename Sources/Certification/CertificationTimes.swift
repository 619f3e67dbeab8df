/// Where the time of a certification went, in seconds.
public struct CertificationTimes: Sendable, Hashable {
  /// All of it: bounds, forward passes, enclosures and rounding errors.
  public var total: Double
  /// The bounds of the network.
  public var bounds: Double
  /// The executed network's forward passes over the points that were certified.
  public var forward: Double

  /// - Parameters:
  ///   - total: all of it.
  ///   - bounds: the network's bounds.
  ///   - forward: the forward passes.
  public init(total: Double = 0, bounds: Double = 0, forward: Double = 0) {
    (self.total, self.bounds, self.forward) = (total, bounds, forward)
  }

  /// The times of several parts together.
  public static func + (a: CertificationTimes, b: CertificationTimes) -> CertificationTimes {
    CertificationTimes(
      total: a.total + b.total, bounds: a.bounds + b.bounds, forward: a.forward + b.forward)
  }
}

extension ContinuousClock.Instant {
  /// The seconds that have passed since then.
  public var secondsSince: Double { (.now - self) / .seconds(1) }
}
