import ModelIR
import TensorGraph

/// The logistic function: f(x) = 1/(1 + e⁻ˣ).
///
/// - Shapes: any, kept.
/// - Bound: f′ = f·(1 − f) in (0, 1/4], reached at 0; constant 1/4.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
struct SigmoidLayer: KeylessElementwiseLayer {
  static let kind = "sigmoid"

  var slopes: Slopes { Slopes(positive: .rational(1, 4)) }

  func apply(to x: Tensor) -> Tensor { logistic(x) }
}
