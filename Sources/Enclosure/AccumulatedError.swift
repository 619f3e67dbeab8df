/// A-priori and a-posteriori bounds on the rounding errors of sums in Double.
///
/// u = 2⁻⁵³ is the unit roundoff; γₙ = nu/(1 − nu) bounds the relative error of n roundings in any
/// order (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., Lemma 3.1 and §3.1).
public enum AccumulatedError {
  /// 2⁻⁵³.
  public static let unitRoundoff = 0x1p-53
  /// 2⁻¹⁰⁷⁴, twice the largest error of a product or quotient that underflows.
  public static let underflowUnit = 0x1p-1074

  /// γₙ rounded up; ∞ where nu ≥ 1/2.
  public static func gamma(_ count: Int) -> UpperBound {
    precondition(count >= 0, "a negative number of roundings")
    guard count < 1 << 52 else { return .infinity }
    // Both nu and 1 − nu are exact: n has at most 52 bits.
    let scaled = Double(count) * unitRoundoff
    return UpperBound(proven: scaled) / LowerBound(proven: 1 - scaled)
  }

  /// An enclosure of √Σ xᵢ² where each xᵢ is known up to `roundings` relative errors of size u.
  ///
  /// The magnitudes are scaled by a power of two so that the largest lies in [1, 2); squares of what
  /// is then below 2⁻⁵³⁷ underflow, by at most 2⁻¹⁰⁷⁴ each, which is added. Cost 2n operations.
  /// Empty gives 0; ∞ or NaN among the elements gives [0, ∞].
  public static func euclideanNorm(
    _ elements: [Double], roundings: Int = 0
  ) -> (lower: LowerBound, upper: UpperBound) {
    var largest = 0.0
    var isFinite = true
    for element in elements {
      largest = max(largest, element.magnitude)
      isFinite = isFinite && element.isFinite
    }
    guard isFinite else { return (.zero, .infinity) }
    guard largest > 0 else { return (.zero, .zero) }
    let (down, up) = scales(for: largest)
    var (sum, count) = (0.0, 0)
    for element in elements {
      let scaled = (element * down.first) * down.second
      sum += scaled * scaled
      count += 1
    }
    // A rounding for each square and n − 1 for the sums; scaling is exact but for underflow.
    let relative = gamma(count + 2 * roundings + 4)
    let absolute = UpperBound(integer: count) * UpperBound(proven: 4 * underflowUnit)
    let high = (UpperBound(proven: sum) + absolute) / LowerBound.one.reduced(by: relative)
    let low = LowerBound(proven: sum).reduced(by: absolute) / (UpperBound.one + relative)
    return (
      low.squareRoot() * LowerBound(proven: up.first) * LowerBound(proven: up.second),
      high.squareRoot() * UpperBound(proven: up.first) * UpperBound(proven: up.second)
    )
  }

  /// Powers of two that bring `largest` into [1, 2) and back, each in two factors so that none
  /// leaves the range.
  private static func scales(
    for largest: Double
  ) -> (down: (first: Double, second: Double), up: (first: Double, second: Double)) {
    let exponent = Int(largest.exponent)
    let half = exponent / 2
    let rest = exponent - half
    return (
      (power(-half), power(-rest)),
      (power(half), power(rest))
    )
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
