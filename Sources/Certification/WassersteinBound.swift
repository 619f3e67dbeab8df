import Diagnostics
import Enclosure

/// A lower bound on the Wasserstein-1 distance, with Euclidean costs in input units, between the test
/// samples of class 0 and those of class 1, each sample with the same weight in its class.
///
/// (mean of F_0 − F_1 over the first − its mean over the second)/K with K a bound on the constant of
/// F_0 − F_1: for any way to move one distribution to the other, the means differ by at most K times the
/// distance moved (Kantorovich and Rubinstein). Nothing is said of the distributions that the samples were
/// drawn from. Every step is rounded down; part of the trusted base.
public struct WassersteinBound: Sendable, Hashable {
  /// The bound, less ``MarginTest/radiusRoom`` of it; 0 where nothing more is known.
  public let lower: LowerBound
  /// The samples of class 0 and of class 1.
  let counts: [Int]

  /// The bound of a critic; nil where a class has no samples, or points have no difference of logits.
  ///
  /// - Parameter constant: bounds the constant of F_0 − F_1.
  public init?(_ points: [PointCertificate], constant: Double) {
    var sums = [0.0, 0.0]
    var counts = [0, 0]
    for point in points {
      guard sums.indices.contains(point.label), let difference = point.difference else {
        return nil
      }
      sums[point.label] = DirectedRounding.addDown(sums[point.label], difference)
      counts[point.label] += 1
    }
    guard counts.allSatisfy({ $0 > 0 }) else { return nil }
    let means = zip(sums, counts).map { DirectedRounding.divideDown($0, Double($1)) }
    let separation = LowerBound(proven: DirectedRounding.addDown(means[0], means[1]))
    lower =
      separation / UpperBound(proven: constant) * LowerBound(proven: 1 - MarginTest.radiusRoom)
    self.counts = counts
  }

  /// The entry of a certificate and of a result.
  public var json: JSONValue {
    ["lower": .number(lower.value), "samples": .array(counts.map { .integer($0) })]
  }
}
