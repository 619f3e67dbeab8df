import Enclosure

/// A sum Σ x in any order, at a sample and over the ball around it.
///
/// Execution rounds each partial sum, as `docs/soundness.md` says in §6, item 3.
struct RoundedSum {
  /// Encloses the sum at the sample, up to this computation's own rounding.
  private var low = 0.0
  private var high = 0.0
  /// The sum of the magnitudes.
  private var size = 0.0
  /// Σ e of the errors e that the operands have over the ball.
  private var inherited = 0.0
  private var count = 0
  private let format: FloatFormat
  /// Whether no operand is negative, as executed and in exact arithmetic.
  private var isNonnegative = (executed: true, exact: true)

  /// The empty sum, executed in a format.
  init(_ format: FloatFormat) { self.format = format }

  /// Adds an operand, given at the sample and over the ball.
  mutating func add(_ sample: Rounded, _ ball: Rounded) {
    low += sample.low
    high += sample.high
    size += sample.magnitude
    inherited += ball.error
    count += 1
    if !(ball.lowerLimit >= 0) { isNonnegative.executed = false }
    if !(ball.low >= 0) { isNonnegative.exact = false }
  }

  /// The sum at the sample and over the ball; execution also adds zeros, up to `terms` numbers.
  ///
  /// - Parameter reach: how far the sum over the ball may be from that at the sample.
  func rounded(reach: Double, terms: Int) -> (sample: Rounded, ball: Rounded) {
    let rounding = Double(count + 4) * 0x1p-52
    let radius = rounding * size * (1 + 4 * rounding) + Double(count + 4) * 0x1p-1070
    let (low, high) = ((low - radius).nextDown, (high + radius).nextUp)
    let (from, to) = ((low - reach).nextDown, (high + reach).nextUp)
    let step = ((reach + inherited) * (1 + 4 * rounding)).nextUp
    let total = (size + radius + step) * (1 + 4 * rounding)
    // Additions round partial sums, which lie between the sums of the numbers of either sign.
    let partial = (size + max(-low, high)) / 2 * (1 + 4 * rounding) + step
    let (roundings, additions) = (format.gamma(terms), format.gamma(max(0, terms - 1)))
    let raw =
      inherited + format.unit * total + additions * (partial + roundings * total)
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
