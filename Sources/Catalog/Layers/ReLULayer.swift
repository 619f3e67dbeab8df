import ModelIR
import TensorGraph

/// The positive part: f(x) = max(x, 0).
///
/// - Shapes: any, kept.
/// - Bound: slopes in [0, 1], both reached; constant 1.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct ReLULayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "relu"
  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: .one) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    let zero = builder.splat(0, like: x)
    return builder.maximum(x, zero)
  }
}
