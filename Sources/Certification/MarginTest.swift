import Enclosure
import LipschitzBounds
import ModelIR
import RoundingAnalysis

/// What is certified for one point.
public struct PointCertificate: Sendable, Hashable {
  /// Position in the test set.
  public let index: Int
  /// The true class.
  public let label: Int
  /// The class of the executed network's largest logit, the first at a tie; −1 if a logit is not a
  /// number.
  public let predicted: Int
  /// An ℓ2 radius in input units inside which the executed network does not change the class: 0 where
  /// the prediction is wrong, tied or not a number.
  public let radius: LowerBound
  /// The class that decides the radius; nil where the radius is 0.
  let rival: Rival?
  /// Of a critic: a lower bound on the difference of the label's logit and the other one, exact and
  /// executed; −∞ where nothing is known.
  var difference: Double?

  /// The class i for which a radius is smallest.
  struct Rival: Sendable, Hashable {
    /// i.
    public let label: Int
    /// A lower bound on F_t − F_i of the exact logits.
    let margin: Double
    /// Bounds the rounding error of the executed difference, with ``MarginTest/errorRoom(_:)``.
    let error: Double
  }

  /// Whether the prediction is the label.
  public var isCorrect: Bool { predicted == label }
}

/// What is certified for one point, and what its analysis found besides.
public struct AnalyzedPoint: Sendable, Hashable {
  /// The certificate.
  public let certificate: PointCertificate
  /// The radius that real arithmetic on the stored weights would have; never smaller but for what
  /// ``MarginTest/reach(label:_:)`` cuts off.
  let exactRadius: LowerBound
  /// Bounds how far any executed logit is from the exact one, at every point of the ball; at the point
  /// alone where the prediction is wrong.
  let error: UpperBound
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

/// The margin test: radius = min over i ≠ t of (F_t − F_i − E_t − E_i) / K_ti, rounded down.
///
/// E bounds the rounding errors of the executed logits in a ball at least as large. For ‖δ‖ below the
/// radius every executed F_t − F_i stays positive, so no perturbation changes the class. Part of the
/// trusted base.
public struct MarginTest: Sendable {
  /// The constants to divide by.
  let bounds: DifferenceBounds
  private let errorRoom: Double
  private let isCritic: Bool

  /// No radius is larger: 2⁶⁴, beyond which inputs would leave the range of float32.
  static let farthest = 0x1p64

  /// Errors are enlarged by this share and radii reduced by ``radiusRoom``, so that another program
  /// whose bounds are rounded differently can still show that they hold.
  ///
  /// In float32 the checker needed 2.1 % at most, for 800 random networks. In float64 the errors are as small as what
  /// the rounding of the bounds themselves adds, which differs more between programs.
  static func errorRoom(_ precision: Precision) -> Double {
    switch precision {
    case .float32: 0x1.cp-6
    case .float64: 7
    }
  }
  /// The share by which radii are reduced.
  static let radiusRoom = 0x1p-20

  /// The test of a network with these constants.
  ///
  /// - Parameter isCritic: whether points are given the difference of the two logits.
  public init(
    bounds: DifferenceBounds, _ precision: Precision = .float32, isCritic: Bool = false
  ) {
    (self.bounds, errorRoom) = (bounds, Self.errorRoom(precision))
    self.isCritic = isCritic
  }

  /// A radius that the certified one will not exceed: errors are to be bounded in the ball of this
  /// radius.
  ///
  /// It is the radius of the executed logits, with a little room for the exact ones.
  func reach<Logit: BinaryFloatingPoint>(label: Int, _ executed: [Logit]) -> UpperBound {
    var reach = MarginTest.farthest
    for i in executed.indices where i != label {
      guard executed[i] < executed[label] else { return .zero }
      let difference = Double(executed[label]) - Double(executed[i])
      reach = min(reach, difference / bounds.bound(label, i).value * (1 + 0x1p-10))
    }
    return UpperBound(proven: reach)
  }

  /// Certifies one point.
  ///
  /// - Parameters:
  ///   - executed: the logits as they were executed; they decide the prediction.
  ///   - analyzed: enclosures of the exact logits and the errors of executed ones in the ball of radius
  ///     `reach`.
  func certify<Logit: BinaryFloatingPoint>(
    index: Int, label: Int, executed: [Logit], analyzed: AnalyzedOutput,
    reach: UpperBound
  ) -> AnalyzedPoint {
    var radius = reach.value
    var exactRadius = MarginTest.farthest
    var rival: PointCertificate.Rival?
    for i in executed.indices where i != label {
      let difference = difference(label, i, analyzed)
      let isAhead = executed[i] < executed[label]
      let bound = bounds.bound(label, i)
      exactRadius = min(exactRadius, isAhead ? MarginTest.quotient(difference, bound) : 0)
      let error = error(label, i, analyzed)
      let found = isAhead ? MarginTest.radius(margin: difference, error: error, bound) : 0
      if rival == nil || found < radius {
        rival = PointCertificate.Rival(label: i, margin: difference, error: error)
      }
      radius = min(radius, found)
    }
    let certified = LowerBound(proven: radius)
    return AnalyzedPoint(
      certificate: PointCertificate(
        index: index, label: label, predicted: MarginTest.prediction(of: executed),
        radius: certified, rival: certified > .zero ? rival : nil,
        difference: criticDifference(label, analyzed)),
      exactRadius: LowerBound(proven: exactRadius), error: analyzed.error.max() ?? .zero)
  }

  /// A lower bound on F_i − F_j of the exact logits.
  private func difference(_ i: Int, _ j: Int, _ analyzed: AnalyzedOutput) -> Double {
    (analyzed.lower[i] - analyzed.upper[j]).nextDown
  }

  /// Bounds the rounding error of the executed F_i − F_j, with its room.
  private func error(_ i: Int, _ j: Int, _ analyzed: AnalyzedOutput) -> Double {
    (analyzed.differenceError(i, j).value * (1 + errorRoom)).nextUp
  }

  /// What a critic's point is given; nil for a classifier.
  ///
  /// The error is taken away so that a checker whose enclosure is a little wider can show the same.
  private func criticDifference(_ label: Int, _ analyzed: AnalyzedOutput) -> Double? {
    guard isCritic else { return nil }
    let other = 1 - label
    let rest = difference(label, other, analyzed) - error(label, other, analyzed)
    return rest.isFinite ? rest.nextDown : -.infinity
  }

  /// (margin − error) / bound less ``radiusRoom``, every step rounded down; 0 where nothing is left.
  private static func radius(margin: Double, error: Double, _ bound: UpperBound) -> Double {
    let quotient = quotient((margin - error).nextDown, bound)
    return max(0, (quotient * (1 - radiusRoom)).nextDown)
  }

  /// The class of the largest logit, the first at a tie; −1 if one is not a number.
  public static func prediction<Logit: BinaryFloatingPoint>(of logits: [Logit]) -> Int {
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
