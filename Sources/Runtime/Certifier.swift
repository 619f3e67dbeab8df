import Catalog
import Enclosure
import Execution

/// What is certified for one point.
public struct PointCertificate: Sendable, Hashable {
  /// Position in the test set.
  public let index: Int
  /// The true class.
  public let label: Int
  /// The class of the executed network's largest logit, the first at a tie; −1 if a logit is not a
  /// number.
  public let predicted: Int
  /// An ℓ2 radius in input units inside which the class does not change: 0 where the prediction is
  /// wrong, tied or not a number.
  public let radius: LowerBound
  /// A lower bound on F_t − max_{i≠t} F_i of the exact logits; not positive where the prediction is
  /// wrong.
  public let margin: Double

  /// Whether the prediction is the label.
  public var isCorrect: Bool { predicted == label }
}

/// Bounds on the Lipschitz constants of differences of logits, F_i − F_j.
public enum DifferenceBounds: Sendable {
  /// The network ends in a dense layer (Tsuzuku et al. 2018, Prop. 2).
  case pairwise(PairwiseHead)
  /// √2 times the network's constant for every pair (Prop. 1).
  case uniform(UpperBound)

  /// The bound for a pair.
  public func bound(_ i: Int, _ j: Int) -> UpperBound {
    switch self {
    case .pairwise(let head): head[i, j]
    case .uniform(let bound): bound
    }
  }

  /// The largest over all pairs.
  public var largest: UpperBound {
    switch self {
    case .pairwise(let head): head.largest
    case .uniform(let bound): bound
    }
  }
}

/// The margin test: radius = min over i ≠ t of (F_t − F_i) / K_ti, rounded down.
///
/// For ‖δ‖ below the radius every F_t − F_i stays positive, so no perturbation changes the class.
/// Part of the trusted base.
public struct Certifier: Sendable {
  /// The constants to divide by.
  public let bounds: DifferenceBounds

  /// A certifier for a network with these constants.
  public init(bounds: DifferenceBounds) { self.bounds = bounds }

  /// Certifies one point.
  ///
  /// - Parameters:
  ///   - executed: the logits as the engine computed them; they decide the prediction.
  ///   - lower: lower bounds of the exact logits.
  ///   - upper: upper bounds of the exact logits.
  public func certify(
    index: Int, label: Int, executed: [Float], lower: [Double], upper: [Double]
  ) -> PointCertificate {
    let predicted = Certifier.prediction(of: executed)
    var radius = Double.greatestFiniteMagnitude
    var margin = Double.greatestFiniteMagnitude
    for i in executed.indices where i != label {
      let difference = (lower[label] - upper[i]).nextDown
      let isAhead = executed[i] < executed[label] && difference > 0
      margin = min(margin, difference.isNaN ? -.infinity : difference)
      radius = min(radius, isAhead ? Certifier.quotient(difference, bounds.bound(label, i)) : 0)
    }
    return PointCertificate(
      index: index, label: label, predicted: predicted, radius: LowerBound(proven: radius),
      margin: margin)
  }

  private static func prediction(of logits: [Float]) -> Int {
    guard !logits.contains(where: \.isNaN) else { return -1 }
    var best = 0
    for i in logits.indices where logits[i] > logits[best] { best = i }
    return best
  }

  /// difference / bound rounded down; 0 for a difference that is not positive or an infinite bound.
  private static func quotient(_ difference: Double, _ bound: UpperBound) -> Double {
    guard difference > 0, bound.value < .infinity else { return 0 }
    let quotient = difference / bound.value
    return quotient.isFinite ? max(quotient.nextDown, 0) : Double.greatestFiniteMagnitude
  }
}
