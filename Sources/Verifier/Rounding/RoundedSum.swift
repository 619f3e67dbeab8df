import Enclosure

/// A sum Σ a x with exact coefficients, in any order, at a sample and over the ball around it.
///
/// Execution rounds each product and each partial sum, as `docs/soundness.md` says in §6, item 3.
struct RoundedSum {
  /// Encloses the sum of the products at the sample, up to this computation's own rounding.
  private var low = 0.0
  private var high = 0.0
  /// The sum of their magnitudes.
  private var size = 0.0
  /// Σ |a|e of the errors e that the operands have over the ball.
  private var inherited = 0.0
  private var count = 0
  private let format: FloatFormat
  /// Whether no executed operand is negative, so that each product has the sign of its coefficient.
  private(set) var hasSignsOfCoefficients = true
  /// Whether no product is negative, as executed and in exact arithmetic.
  private var isNonnegative = (executed: true, exact: true)

  /// The empty sum, executed in a format.
  init(_ format: FloatFormat) { self.format = format }

  /// Adds the product of a coefficient and an operand, given at the sample and over the ball.
  ///
  /// Execution may read a subnormal coefficient as 0, so `distance` bounds how far the operand is from the
  /// sample.
  mutating func add(_ factor: Double, _ sample: Rounded, _ ball: Rounded, distance: UpperBound) {
    low += factor * (factor < 0 ? sample.high : sample.low)
    high += factor * (factor < 0 ? sample.low : sample.high)
    size += factor.magnitude * sample.magnitude
    inherited += factor.magnitude * ball.error
    if factor != 0, factor.magnitude < 0x1p-124 {
      inherited += 0x1p-123 * (sample.magnitude + distance.value + 1)
    }
    count += 1
    if !(ball.lowerLimit >= 0) { hasSignsOfCoefficients = false }
    if !(factor >= 0 && ball.lowerLimit >= 0) { isNonnegative.executed = false }
    if !(factor >= 0 && ball.low >= 0) { isNonnegative.exact = false }
  }

  /// The sum at the sample and over the ball; execution also adds zeros, up to `terms` numbers.
  ///
  /// - Parameters:
  ///   - reach: how far the sum over the ball may be from that at the sample, at least ‖a‖ times the distance.
  ///   - partReach: the same of the sum of the positive and of the negative products.
  func rounded(reach: Double, partReach: Double, terms: Int) -> (sample: Rounded, ball: Rounded) {
    let rounding = Double(count + 4) * 0x1p-52
    let radius = rounding * size * (1 + 4 * rounding) + Double(count + 4) * 0x1p-1070
    let (low, high) = ((low - radius).nextDown, (high + radius).nextUp)
    let (from, to) = ((low - reach).nextDown, (high + reach).nextUp)
    func step(_ reach: Double) -> Double { ((reach + inherited) * (1 + 4 * rounding)).nextUp }
    let total = (size + radius + step(reach)) * (1 + 4 * rounding)
    // Additions round partial sums, which lie between the sums of the products of either sign.
    let partial = (size + max(-low, high)) / 2 * (1 + 4 * rounding) + step(partReach)
    let gamma = format.gamma(terms)
    let raw =
      inherited + format.unit * total + gamma * (partial + gamma * total)
      + Double(4 * terms) * 0x1p-126
    let error =
      total < 0x1p126
      ? Rounded.withUnderflow(raw * (1 + 4 * rounding), max(-from, to)) : .infinity
    return (
      Rounded(low: low, high: high, error: 0, format: format),
      Rounded(
        low: isNonnegative.exact ? max(from, 0) : from, high: to, error: error,
        lowerLimit: isNonnegative.executed ? 0 : -.infinity, format: format)
    )
  }
}
