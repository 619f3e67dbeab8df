import TensorGraph

extension GraphBuilder {
  /// slope·x where x > 0 and depth·(eˣ − 1) elsewhere.
  ///
  /// The exponential sees min(x, 0), so that it cannot overflow and spoil the other branch's gradient.
  mutating func exponentialLinear(_ x: Value, slope: Double, depth: Double) -> Value {
    let zero = splat(0, like: x)
    let one = splat(1, like: x)
    let below = subtract(unary(.exp, minimum(x, zero)), one)
    let line = slope == 1 ? x : scale(x, by: slope)
    return select(compare(.greater, x, zero), line, scale(below, by: depth))
  }
}
