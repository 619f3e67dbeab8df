import ModelIR
import TensorGraph

/// The positive part: f(x) = max(x, 0).
///
/// - Shapes: any, kept.
/// - Bound: slopes in [0, 1], both reached; constant 1.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
struct ReLULayer: KeylessElementwiseLayer {
  static let kind = "relu"

  var slopes: Slopes { Slopes(positive: .one) }

  func apply(to x: Tensor) -> Tensor { max(x, 0) }
}
