import ModelIR
import TensorGraph

/// A smooth positive part: f(x) = log(1 + eˣ), computed as max(x, 0) + log1p(e^−|x|).
///
/// - Shapes: any, kept.
/// - Bound: f′ is the logistic function, in (0, 1); constant 1, approached for large x.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct SoftplusLayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "softplus"
  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: .one) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    builder.softplus(x)
  }
}

extension GraphBuilder {
  /// max(x, 0) + log1p(e^−|x|).
  mutating func softplus(_ x: Value) -> Value {
    let zero = splat(0, like: x)
    let decay = unary(.exp, unary(.negate, unary(.abs, x)))
    return add(maximum(x, zero), unary(.log1p, decay))
  }
}
