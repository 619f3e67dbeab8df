import ModelIR
import TensorGraph

/// The magnitude: f(x) = |x|.
///
/// - Shapes: any, kept.
/// - Bound: slopes −1 and 1; constant 1. A gradient keeps its norm almost everywhere.
/// - Cost: one pass over the elements.
/// - Reference: the reverse triangle inequality.
struct AbsLayer: KeylessElementwiseLayer {
  static let kind = "abs"

  var slopes: Slopes { Slopes(negative: .one, positive: .one) }

  func apply(to x: Tensor) -> Tensor { abs(x) }
}
