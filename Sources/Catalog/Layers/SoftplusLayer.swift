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
    let zero = builder.splat(0, like: x)
    let size = builder.unary(.abs, x)
    let decay = builder.unary(.exp, builder.unary(.negate, size))
    let positive = builder.maximum(x, zero)
    return builder.add(positive, builder.unary(.log1p, decay))
  }
}
