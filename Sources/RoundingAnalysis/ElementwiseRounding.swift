import TensorGraph

/// Bounds the errors of elementwise operations: those propagated from operands and those they add.
///
/// The proofs are in `docs/soundness.md`, §6.
enum ElementwiseRounding {
  /// f(x); `result` encloses the exact results.
  static func unary(
    _ function: Operation.Unary, _ x: RoundedTensor, result: IntervalTensor,
    _ format: ExecutedFormat
  ) -> [Double] {
    let executed = x.executed
    let values = ElementwiseEnclosure.unary(function, executed)
    let accuracy = format.accuracy(of: function) * format.unitRoundoff
    return x.error.indices.map { i in
      let value = maxOrNaN(abs(values.lower[i]), abs(values.upper[i]))
      let range = (executed.lower[i], executed.upper[i])
      let propagated = propagated(function, x.error[i], range, value: value)
      return format.finished(
        propagated + accuracy * value,
        magnitude: maxOrNaN(abs(result.lower[i]), abs(result.upper[i])))
    }
  }

  /// Bounds |f(x̂) − f(x)| for |x̂ − x| ≤ e with both in the range.
  private static func propagated(
    _ function: Operation.Unary, _ error: Double, _ range: (low: Double, high: Double),
    value: Double
  ) -> Double {
    switch function {
    case .negate, .abs, .tanh: error
    case .sign: range.low > 0 || range.high < 0 ? 0 : 2
    case .exp: value * error
    case .log: range.low > 0 ? error / range.low : .infinity
    case .log1p: range.low > -1 ? error / (1 + range.low).nextDown : .infinity
    // |√x̂ − √x| = |x̂ − x|/(√x̂ + √x) ≤ √|x̂ − x|.
    case .sqrt: range.low >= 0 ? rootError(error, range.low) : .infinity
    case .logistic: error / 4
    case .erf: 1.1284 * error  // 2/√π
    // Both are rounded by at most 2⁻⁹ of the next power of two, and equal numbers alike.
    case .bfloat16:
      error == 0 ? 0 : error + 0x1p-7 * maxOrNaN(abs(range.low), abs(range.high)) + 0x1p-132
    }
  }

  private static func rootError(_ error: Double, _ low: Double) -> Double {
    low > 0 ? min(error.squareRoot(), error / (2 * low.squareRoot())) : error.squareRoot()
  }

  /// a ∘ b; `result` encloses the exact results.
  static func binary(
    _ function: Operation.Binary, _ a: RoundedTensor, _ b: RoundedTensor, result: IntervalTensor,
    _ format: ExecutedFormat
  ) -> [Double] {
    switch function {
    case .add: errors(.add, a, b, result, format)
    case .subtract: errors(.subtract, a, b, result, format)
    case .multiply: errors(.multiply, a, b, result, format)
    case .divide: errors(.divide, a, b, result, format)
    case .maximum: errors(.maximum, a, b, result, format)
    case .minimum: errors(.minimum, a, b, result, format)
    }
  }

  /// The loop for one function, which is known when the loop is compiled.
  @inline(__always)
  private static func errors(
    _ function: Operation.Binary, _ a: RoundedTensor, _ b: RoundedTensor, _ result: IntervalTensor,
    _ format: ExecutedFormat
  ) -> [Double] {
    let (x, y, ends) = (RoundedReader(a), RoundedReader(b), EndsReader(result))
    return LaneLoop.fill(result.type.count, lanes: result.lanes) { element, lane in
      BinaryRules.error(
        function, x[element, lane], y[element, lane], size: ends[element, lane].magnitude, format)
    }
  }

  /// The error of a mask: 0 if the ranges of the executed operands decide the relation, else 1.
  static func compare(
    _ relation: Operation.Comparison, _ a: RoundedTensor, _ b: RoundedTensor
  ) -> [Double] {
    let mask = ElementwiseEnclosure.compare(relation, a.executed, b.executed)
    return mask.lower.indices.map { mask.lower[$0] == mask.upper[$0] ? 0 : 1 }
  }

  /// The error of the chosen operand; if the executed mask may differ from the exact one, also the distance
  /// between the two operands there.
  ///
  /// - Parameters:
  ///   - undecided: a and b over the inputs of the set for which the masks may differ.
  ///   - result: encloses the exact results.
  static func select(
    _ mask: RoundedTensor, _ a: RoundedTensor, _ b: RoundedTensor,
    undecided: (a: RoundedTensor, b: RoundedTensor), result: IntervalTensor,
    _ format: ExecutedFormat
  ) -> [Double] {
    var errors = Array(repeating: 0.0, count: result.lower.count)
    for index in 0..<result.type.count {
      for lane in 0..<result.lanes {
        let m = mask.exact.position(index, lane)
        let (i, j) = (a.exact.position(index, lane), b.exact.position(index, lane))
        let out = result.position(index, lane)
        let (low, high, error) = (mask.exact.lower[m], mask.exact.upper[m], mask.error[m])
        let raw: Double
        if low - error > 0 || high + error < 0 {
          raw = a.error[i]
        } else if low == 0, high == 0, error == 0 {
          raw = b.error[j]
        } else {
          let distance = distance(undecided.a, undecided.b, index, lane)
          raw = maxOrNaN(maxOrNaN(a.error[i], b.error[j]), distance)
        }
        errors[out] = format.finished(
          raw, magnitude: maxOrNaN(abs(result.lower[out]), abs(result.upper[out])))
      }
    }
    return errors
  }

  /// The largest distance of one executed operand from the other.
  private static func distance(
    _ a: RoundedTensor, _ b: RoundedTensor, _ index: Int, _ lane: Int
  ) -> Double {
    let (i, j) = (a.exact.position(index, lane), b.exact.position(index, lane))
    let above = (a.exact.upper[i] - b.exact.lower[j]).nextUp
    let below = (b.exact.upper[j] - a.exact.lower[i]).nextUp
    return maxOrNaN(0, maxOrNaN(above, below)) + a.error[i] + b.error[j]
  }
}
