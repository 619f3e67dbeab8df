import Certification

/// How far a certificate is from an attack, in three steps for each point:
/// A ≤ B ≤ C, A ≤ D, with A the certified radius, B and C margins over sampled Lipschitz constants, D the
/// distance of the nearest adversarial example found.
///
/// For a point with label t, B = min (F_t − F_i)/L_ti over i ≠ t, with L_ti the largest ‖∇(F_t − F_i)‖
/// sampled at any point of the set with label t or i; C is the same with the largest sampled in the point's own
/// ball, of radius D. What is sampled does not exceed the true constants, and these do not exceed their
/// bounds, so A ≤ B and A ≤ C; the samples of one ball are among all samples, so B ≤ C. Were the
/// local constants exact, C ≤ D would hold too; sampled ones may miss the steepest place.
///
/// B and C are estimates. (Tsuzuku et al. 2018, inequality 5.)
public struct TightnessChain: Sendable {
  /// The numbers of one point.
  public struct Point: Sendable {
    /// A.
    public let certified: Double
    /// B.
    public let global: Double
    /// C.
    public let local: Double
    /// D, rounded up.
    public let attack: Double
  }

  /// The points that are classified right and of which an adversarial example was found.
  public let points: [Point]

  /// The lower median of a number over the points; NaN for none.
  public func median(_ number: (Point) -> Double) -> Double {
    let sorted = points.map(number).sorted()
    return sorted.isEmpty ? .nan : sorted[(sorted.count - 1) / 2]
  }
}

/// Collects what the chain needs of each point.
struct ChainBuilder {
  /// Steepest slopes of a point by other class.
  private var local: [Int: [Int: SlopeEstimate]] = [:]
  /// Steepest slopes of all points, by both classes in ascending order.
  private var global: [ClassPair: SlopeEstimate] = [:]

  private struct ClassPair: Hashable {
    let low: Int
    let high: Int

    init(_ a: Int, _ b: Int) { (low, high) = (min(a, b), max(a, b)) }
  }

  /// Takes note of a slope of F_i − F_t.
  mutating func add(_ slope: SlopeEstimate, index: Int, label: Int, other: Int) {
    let pair = ClassPair(label, other)
    local[index, default: [:]][other] = slope
    global[pair] = global[pair].map { SlopeEstimate.larger($0, slope) } ?? slope
  }

  /// A point's numbers, from upper bounds on its logit differences.
  func point(
    _ certificate: PointCertificate, logits: ExactLogits.Row, attack: Double
  ) -> TightnessChain.Point {
    let label = certificate.label
    let slopes = local[certificate.index] ?? [:]
    func radius(_ slope: (Int) -> SlopeEstimate?) -> Double {
      let quotients = slopes.keys.map { other in
        // A slope of 0 allows any distance.
        logits.upperDifference(label, other) / (slope(other)?.value ?? 0)
      }
      return quotients.min() ?? .infinity
    }
    return TightnessChain.Point(
      certified: certificate.radius.value,
      global: radius { global[ClassPair(label, $0)] }, local: radius { slopes[$0] },
      attack: attack)
  }
}
