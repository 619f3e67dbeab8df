import BoundAlgebra
import ModelIR
import TensorGraph

/// A line cut off at 0 and 1: f(x) = min(max(x/6 + 1/2, 0), 1).
///
/// 1/6 is rounded to float32, and the bound speaks of the rounded number.
///
/// - Shapes: any, kept.
/// - Bound: slopes 0 and 1/6, both reached; constant 1/6.
/// - Cost: one pass over the elements.
/// - Reference: Courbariaux, Bengio, David 2015; Howard et al. 2019 for the slope 1/6.
public struct HardSigmoidLayer: KeylessElementwiseLayer {
  private static let slope = StoredConstant(1.0 / 6)

  /// The name in a spec.
  public static let kind = "hard_sigmoid"
  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: Self.slope.magnitude) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    let line = builder.add(builder.scale(x, by: Self.slope.value), builder.splat(0.5, like: x))
    let floored = builder.maximum(line, builder.splat(0, like: x))
    return builder.minimum(floored, builder.splat(1, like: x))
  }
}
