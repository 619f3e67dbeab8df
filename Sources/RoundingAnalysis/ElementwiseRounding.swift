import TensorGraph

/// How elementwise operations pass errors on and what they add.
///
/// The proofs are in `docs/soundness.md`, §6.
enum ElementwiseRounding {
  /// f(x); `result` encloses the exact results.
  static func unary(
    _ function: Operation.Unary, _ x: RoundedTensor, result: LaneTensor
  ) -> [Double] {
    let executed = x.executed
    let values = Elementary.unary(function, executed)
    let accuracy = function.executedAccuracy * Binary32.unitRoundoff
    return x.error.indices.map { i in
      let value = Elementary.peak(abs(values.lower[i]), abs(values.upper[i]))
      let range = (executed.lower[i], executed.upper[i])
      let inherited = passedOn(function, x.error[i], range, value: value)
      return Binary32.finished(
        inherited + accuracy * value,
        magnitude: Elementary.peak(abs(result.lower[i]), abs(result.upper[i])))
    }
  }

  /// |f(x̂) − f(x)| for |x̂ − x| ≤ e, both in the range.
  private static func passedOn(
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
    }
  }

  private static func rootError(_ error: Double, _ low: Double) -> Double {
    low > 0 ? min(error.squareRoot(), error / (2 * low.squareRoot())) : error.squareRoot()
  }

  /// a ∘ b; `result` encloses the exact results.
  static func binary(
    _ function: Operation.Binary, _ a: RoundedTensor, _ b: RoundedTensor, result: LaneTensor
  ) -> [Double] {
    zip(a, b, result) { i, j, out in
      let size = Elementary.peak(abs(result.lower[out]), abs(result.upper[out]))
      let (p, q) = (a.error[i], b.error[j])
      let inherited: Double
      switch function {
      case .maximum, .minimum:
        return Binary32.finished(Elementary.peak(p, q), magnitude: size)
      case .add, .subtract: inherited = p + q
      case .multiply: inherited = a.magnitude(i) * q + b.magnitude(j) * p + p * q
      case .divide:
        let least = Elementary.peak(b.lowest(j), (-b.exact.upper[j] - q).nextDown)
        inherited = least > 0 ? (p + size * q) / least : .infinity
      }
      let rounding = Binary32.unitRoundoff * (size + inherited)
      return Binary32.finished(inherited + rounding, magnitude: size)
    }
  }

  /// A mask is exact where the executed operands decide the relation, else off by 1.
  static func compare(
    _ relation: Operation.Comparison, _ a: RoundedTensor, _ b: RoundedTensor
  ) -> [Double] {
    let mask = Elementary.compare(relation, a.executed, b.executed)
    return mask.lower.indices.map { mask.lower[$0] == mask.upper[$0] ? 0 : 1 }
  }

  /// The error of the chosen operand; where the executed mask may differ from the exact one, also how
  /// far the two operands may be apart there.
  ///
  /// - Parameters:
  ///   - flipped: a and b over those inputs of the set for which the masks may differ.
  ///   - result: encloses the exact results.
  static func select(
    _ mask: RoundedTensor, _ a: RoundedTensor, _ b: RoundedTensor,
    flipped: (a: RoundedTensor, b: RoundedTensor), result: LaneTensor
  ) -> [Double] {
    var error = Array(repeating: 0.0, count: result.lower.count)
    for index in 0..<result.type.count {
      for lane in 0..<result.lanes {
        let m = mask.exact.position(index, lane)
        let (i, j) = (a.exact.position(index, lane), b.exact.position(index, lane))
        let out = result.position(index, lane)
        let (low, high, doubt) = (mask.exact.lower[m], mask.exact.upper[m], mask.error[m])
        let raw: Double
        if low - doubt > 0 || high + doubt < 0 {
          raw = a.error[i]
        } else if low == 0, high == 0, doubt == 0 {
          raw = b.error[j]
        } else {
          let apart = distance(flipped.a, flipped.b, index, lane)
          raw = Elementary.peak(Elementary.peak(a.error[i], b.error[j]), apart)
        }
        error[out] = Binary32.finished(
          raw, magnitude: Elementary.peak(abs(result.lower[out]), abs(result.upper[out])))
      }
    }
    return error
  }

  /// The most that one operand, executed, may be from the other.
  private static func distance(
    _ a: RoundedTensor, _ b: RoundedTensor, _ index: Int, _ lane: Int
  ) -> Double {
    let (i, j) = (a.exact.position(index, lane), b.exact.position(index, lane))
    let above = (a.exact.upper[i] - b.exact.lower[j]).nextUp
    let below = (b.exact.upper[j] - a.exact.lower[i]).nextUp
    return Elementary.peak(0, Elementary.peak(above, below)) + a.error[i] + b.error[j]
  }

  private static func zip(
    _ a: RoundedTensor, _ b: RoundedTensor, _ result: LaneTensor,
    _ body: (Int, Int, Int) -> Double
  ) -> [Double] {
    var error = Array(repeating: 0.0, count: result.lower.count)
    for index in 0..<result.type.count {
      for lane in 0..<result.lanes {
        let out = result.position(index, lane)
        error[out] = body(a.exact.position(index, lane), b.exact.position(index, lane), out)
      }
    }
    return error
  }
}
