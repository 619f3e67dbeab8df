import ModelIR
import TensorGraph

/// The hyperbolic tangent: f(x) = tanh x.
///
/// - Shapes: any, kept.
/// - Bound: f′ = 1 − f² in (0, 1], reached at 0; constant 1.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct TanhLayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "tanh"
  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: .one) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    builder.unary(.tanh, x)
  }
}
