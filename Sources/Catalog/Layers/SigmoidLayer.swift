import ModelIR
import TensorGraph

/// The logistic function: f(x) = 1/(1 + e⁻ˣ).
///
/// - Shapes: any, kept.
/// - Bound: f′ = f·(1 − f) in (0, 1/4], reached at 0; constant 1/4.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct SigmoidLayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "sigmoid"
  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: .rational(1, 4)) }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    builder.unary(.logistic, x)
  }
}
