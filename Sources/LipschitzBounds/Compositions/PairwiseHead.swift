import BoundAlgebra
import Enclosure

/// The Lipschitz constants of the differences of two logits.
///
/// If the network ends in a dense layer, F = W g + b with an L-Lipschitz g, then
/// |(F_i − F_j)(x) − (F_i − F_j)(x′)| ≤ ‖w_i − w_j‖ L ‖x − x′‖ (Tsuzuku et al. 2018, Prop. 2). The
/// difference is also √2·L_F-Lipschitz, and a composition may bound it as well. The smallest of these is
/// kept, so a pairwise radius is never below the global one.
public struct PairwiseHead: Sendable {
  /// The number of logits.
  public let count: Int
  private let constants: [UpperBound]

  /// Bounds all pairs; cost K²D/2.
  ///
  /// - Parameters:
  ///   - weight: the rows w_i, [count, features] row-major.
  ///   - before: bounds g.
  ///   - network: bounds F.
  ///   - composed: other bounds of the differences, [K, K] row-major.
  public init(
    weight: [Float], count: Int, before: UpperBound, network: UpperBound,
    composed: [UpperBound]? = nil
  ) {
    precondition(
      count > 0 && weight.count % count == 0, "the weight must have \(count) rows of equal length")
    self.count = count
    let features = weight.count / count
    let largest = UpperBound.rootTwo * network
    var constants = Array(repeating: UpperBound.zero, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        let distance = Self.distance(
          weight[i * features..<(i + 1) * features], weight[j * features..<(j + 1) * features])
        let constant = min(
          distance * before, largest, composed?[i * count + j] ?? .infinity)
        constants[i * count + j] = constant
        constants[j * count + i] = constant
      }
    }
    self.constants = constants
  }

  /// Bounds all pairs of a network that need not end in a dense layer.
  public init(count: Int, network: UpperBound, composed: [UpperBound]) {
    precondition(composed.count == count * count, "every pair must have a bound")
    self.count = count
    let largest = UpperBound.rootTwo * network
    constants = composed.map { min($0, largest) }
  }

  /// Bounds F_i − F_j; 0 for i = j.
  public subscript(i: Int, j: Int) -> UpperBound { constants[i * count + j] }

  /// The largest constant of a pair; 0 for a single logit.
  public var largest: UpperBound { constants.max() ?? .zero }

  /// ‖a − b‖₂ rounded up.
  ///
  /// The difference of two float32 numbers in Double is rounded at most once and never underflows,
  /// since all float32 numbers are multiples of 2⁻¹⁴⁹.
  static func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> UpperBound {
    let differences = zip(a, b).map { Double($0) - Double($1) }
    return AccumulatedError.euclideanNorm(differences, roundings: 1).upper
  }
}

extension UpperBound {
  /// √2 rounded up.
  public static let rootTwo = UpperBound(proven: DirectedRounding.squareRootUp(2))
}
