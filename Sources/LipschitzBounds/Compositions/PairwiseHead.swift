import BoundAlgebra
import Enclosure

/// The Lipschitz constants of the differences of two logits.
///
/// If the network ends in a dense layer, F = W g + b with an L-Lipschitz g, then
/// |(F_i − F_j)(x) − (F_i − F_j)(x′)| ≤ ‖w_i − w_j‖ L ‖x − x′‖ (Tsuzuku et al. 2018, Prop. 2). The
/// difference is also √2·L_F-Lipschitz, and a composition may bound it as well. The smallest of these is
/// kept, so a pairwise radius is never below the global one.
public struct PairwiseHead: Sendable {
  /// Bounds of all pairs by one expression.
  public struct Candidate: Sendable {
    /// The bound.
    public let expression: BoundExpr
    /// Its value for each pair, [K, K] row-major, or one value for all pairs.
    public let values: [UpperBound]
    /// States bounds.
    public init(expression: BoundExpr, values: [UpperBound]) {
      self.expression = expression
      self.values = values
    }

    fileprivate func value(_ place: Int) -> UpperBound {
      values.count == 1 ? values[0] : values[place]
    }
  }

  /// The number of logits.
  public let count: Int
  /// The pair i > j with the largest constant; (0, 0) for a single logit.
  public let largestPair: (i: Int, j: Int)
  /// What bounds that pair.
  public let largestExpression: BoundExpr
  private let constants: [UpperBound]

  /// Takes the least bound of each pair; of equal ones the first.
  public init(count: Int, _ candidates: [Candidate]) {
    precondition(
      count > 0 && candidates.allSatisfy { [1, count * count].contains($0.values.count) },
      "every pair must have a bound")
    var constants = Array(repeating: UpperBound.zero, count: count * count)
    var pair = (i: 0, j: 0)
    for i in 0..<count {
      for j in 0..<i {
        let constant = candidates.reduce(.infinity) { min($0, $1.value(i * count + j)) }
        constants[i * count + j] = constant
        constants[j * count + i] = constant
        let isFirst = pair.i == 0
        if isFirst || constants[pair.i * count + pair.j] < constant { pair = (i, j) }
      }
    }
    let place = pair.i * count + pair.j
    let winner = candidates.first { $0.value(place) == constants[place] }
    self.count = count
    self.constants = constants
    largestPair = pair
    largestExpression = winner?.expression ?? .unbounded(.init("no bound is known"))
  }

  /// Bounds F_i − F_j; 0 for i = j.
  public subscript(i: Int, j: Int) -> UpperBound { constants[i * count + j] }

  /// The largest constant of a pair; 0 for a single logit.
  public var largest: UpperBound { self[largestPair.i, largestPair.j] }

  /// ‖w_i − w_j‖ of the rows of a weight [count, features], [count, count] row-major; cost K²D/2.
  public static func distances(_ weight: [Float], count: Int) -> [UpperBound] {
    precondition(
      count > 0 && weight.count % count == 0, "the weight must have \(count) rows of equal length")
    let features = weight.count / count
    var distances = Array(repeating: UpperBound.zero, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        let distance = distance(
          weight[i * features..<(i + 1) * features], weight[j * features..<(j + 1) * features])
        distances[i * count + j] = distance
        distances[j * count + i] = distance
      }
    }
    return distances
  }

  /// ‖a − b‖₂ rounded up.
  ///
  /// The difference of two float32 numbers in Double is rounded at most once and never underflows,
  /// since all float32 numbers are multiples of 2⁻¹⁴⁹.
  private static func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> UpperBound {
    let differences = zip(a, b).map { Double($0) - Double($1) }
    return AccumulatedError.euclideanNorm(differences, roundings: 1).upper
  }
}
