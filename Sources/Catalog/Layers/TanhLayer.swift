import ModelIR
import TensorGraph

/// The hyperbolic tangent: f(x) = tanh x.
///
/// - Shapes: any, kept.
/// - Bound: f′ = 1 − f² in (0, 1], reached at 0; constant 1.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
struct TanhLayer: KeylessElementwiseLayer {
  static let kind = "tanh"

  var slopes: Slopes { Slopes(positive: .one) }

  func apply(to x: Tensor) -> Tensor { tanh(x) }
}
