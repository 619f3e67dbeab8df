import ModelIR
import TensorGraph

/// The magnitude: f(x) = |x|.
///
/// - Shapes: any, kept.
/// - Bound: slopes −1 and 1; constant 1. A gradient keeps its norm almost everywhere.
/// - Cost: one pass over the elements.
/// - Reference: the reverse triangle inequality.
public struct AbsLayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "abs"
  /// The range of f′.
  public var slopes: Slopes { Slopes(negative: .one, positive: .one) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    builder.unary(.abs, x)
  }
}
