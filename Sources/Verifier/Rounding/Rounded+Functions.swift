import Glibc

/// Functions of one number.
extension Rounded {
  /// The larger of two, which is exact.
  @inline(__always)
  func clamped(above limit: Double) -> Rounded {
    Rounded(
      low: max(low, limit), high: max(high, limit), error: Rounded.withUnderflow(error, magnitude),
      lowerLimit: max(limit, lowerLimit), format: format)
  }

  /// The smaller of two, which is exact.
  func clamped(below limit: Double) -> Rounded {
    Rounded(
      low: min(low, limit), high: min(high, limit), error: Rounded.withUnderflow(error, magnitude),
      lowerLimit: min(limit, lowerLimit), format: format)
  }

  /// −|x|, which is exact.
  var negativeMagnitude: Rounded {
    let nearest = low > 0 ? low : high < 0 ? -high : 0
    return Rounded(
      low: -magnitude, high: -nearest, error: Rounded.withUnderflow(error, magnitude),
      format: format)
  }

  /// |x|, which is exact.
  var absolute: Rounded {
    let size = negativeMagnitude
    return Rounded(
      low: -size.high, high: -size.low, error: size.error, lowerLimit: 0, format: format)
  }

  /// An increasing function with slopes of at most `slope` between the executed and the exact argument; the C
  /// library is off by at most 4 units in the last place, execution as its format says.
  func increasing(
    _ function: (Double) -> Double, slope: (Rounded) -> Double, within range: ClosedRange<Double>
  ) -> Rounded {
    func value(_ x: Double, _ step: (Double) -> Double) -> Double {
      let result = step(step(step(step(function(x)))))
      return min(max(result, range.lowerBound), range.upperBound)
    }
    let (low, high) = (value(low) { $0.nextDown }, value(high) { $0.nextUp })
    let ends = executed
    let (below, above) = (value(ends.low) { $0.nextDown }, value(ends.high) { $0.nextUp })
    let raw = error * slope(self) + format.functionError * max(-below, above)
    return Rounded(
      low: low, high: high, error: Rounded.withUnderflow(raw, max(-low, high)), format: format)
  }

  var exponential: Rounded {
    var result = increasing(
      exp, slope: { exp($0.executed.high) * (1 + 0x1p-40) }, within: 0...Double.infinity)
    result.lowerLimit = 0
    return result
  }
  /// log(1 + x) for x ≥ 0.
  var logOnePlus: Rounded {
    increasing(
      log1p, slope: { 1 / (1 + max(0, $0.executed.low)).nextDown }, within: 0...Double.infinity)
  }
  var hyperbolicTangent: Rounded { increasing(tanh, slope: { _ in 1 }, within: -1...1) }
  var errorFunction: Rounded { increasing(erf, slope: { _ in 1.1284 }, within: -1...1) }
  var logistic: Rounded {
    // 1/(1 + e⁻ˣ) by three roundings and exp: within 4 steps as well.
    var result = increasing({ 1 / (1 + exp(-$0)) }, slope: { _ in 0.25 }, within: 0...1)
    result.lowerLimit = 0
    return result
  }

  /// log(1 + eˣ) as max(x, 0) + log(1 + e^−|x|).
  var softplus: Rounded { clamped(above: 0) + negativeMagnitude.exponential.logOnePlus }

  /// One branch where the argument, as executed, is positive, and the other elsewhere.
  ///
  /// Both branches increase or both pass through 0, and the argument has no error but underflow.
  func piecewise(above: Rounded, below branch: (Rounded) -> Rounded) -> Rounded {
    if low > 0 { return above }
    let below = branch(Rounded(low: low, high: min(high, 0), error: error, format: format))
    if high <= 0 { return below }
    let top = max(above.high, below.high)
    return Rounded(
      low: min(below.low, 0), high: top,
      error: Rounded.withUnderflow(max(above.error, below.error), max(-below.low, top)),
      format: .coarser(above.format, below.format))
  }
}
