import Glibc

/// Functions of one number.
extension Rounded {
  /// The larger of two, which is exact.
  func clamped(above floor: Double) -> Rounded {
    Rounded(
      low: max(low, floor), high: max(high, floor), error: Rounded.finished(error, magnitude),
      least: floor)
  }

  /// The smaller of two, which is exact.
  func clamped(below ceiling: Double) -> Rounded {
    Rounded(
      low: min(low, ceiling), high: min(high, ceiling), error: Rounded.finished(error, magnitude))
  }

  /// −|x|, which is exact.
  var negativeMagnitude: Rounded {
    let nearest = low > 0 ? low : high < 0 ? -high : 0
    return Rounded(low: -magnitude, high: -nearest, error: Rounded.finished(error, magnitude))
  }

  /// |x|, which is exact.
  var absolute: Rounded {
    let size = negativeMagnitude
    return Rounded(low: -size.high, high: -size.low, error: size.error, least: 0)
  }

  /// A rising function with slopes of at most `slope` between the executed and the exact argument; the C
  /// library is off by at most 4 units in the last place, float32 by 4u.
  func rising(
    _ function: (Double) -> Double, slope: (Rounded) -> Double, within range: ClosedRange<Double>
  ) -> Rounded {
    func value(_ x: Double, _ step: (Double) -> Double) -> Double {
      let result = step(step(step(step(function(x)))))
      return min(max(result, range.lowerBound), range.upperBound)
    }
    let (low, high) = (value(low) { $0.nextDown }, value(high) { $0.nextUp })
    let ends = executed
    let (below, above) = (value(ends.low) { $0.nextDown }, value(ends.high) { $0.nextUp })
    let raw = error * slope(self) + 4 * Rounded.unit * max(-below, above)
    return Rounded(low: low, high: high, error: Rounded.finished(raw, max(-low, high)))
  }

  var exponential: Rounded {
    var result = rising(
      exp, slope: { exp($0.executed.high) * (1 + 0x1p-40) }, within: 0...Double.infinity)
    result.least = 0
    return result
  }
  /// log(1 + x) for x ≥ 0.
  var logOnePlus: Rounded {
    rising(
      log1p, slope: { 1 / (1 + max(0, $0.executed.low)).nextDown }, within: 0...Double.infinity)
  }
  var hyperbolicTangent: Rounded { rising(tanh, slope: { _ in 1 }, within: -1...1) }
  var errorFunction: Rounded { rising(erf, slope: { _ in 1.1284 }, within: -1...1) }
  var logistic: Rounded {
    // 1/(1 + e⁻ˣ) by three roundings and exp: within 4 steps as well.
    rising({ 1 / (1 + exp(-$0)) }, slope: { _ in 0.25 }, within: 0...1)
  }
}
