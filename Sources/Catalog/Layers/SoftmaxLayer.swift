import BoundAlgebra
import ModelIR
import TensorGraph

/// Softmax over the channels: p_c = e^{x_c}/Σ_k e^{x_k}, separately for every position of an image.
///
/// - Shapes: any with at least one axis, kept; channels are the first axis of a sample.
/// - Bound: constant 1/2, reached where two channels share all of p. The derivative in direction v is
///   diag(p)v − p⟨p, v⟩, symmetric in the two directions, and ⟨v, diag(p)v − p⟨p, v⟩⟩ is the variance of
///   v under p, at most (max v − min v)²/4 (Popoviciu) ≤ ‖v‖²/2. A single channel is mapped to 1 and has
///   the constant 0.
/// - Cost: a few passes over the elements.
/// - Reference: Gao, Pavel 2017 (constant 1); the sharper 1/2 as above.
struct SoftmaxLayer: Layer {
  static let kind = "softmax"
  static let examples = [
    LayerExample("", inputs: [[2]]), LayerExample("", inputs: [[5]]),
    LayerExample("", inputs: [[3, 2, 2]]),
  ]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("softmax is over the channels")
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    .constant(context.inputs[0][0] == 1 ? .zero : .constant(.rational(1, 2)))
  }

  /// The largest channel is subtracted first so that no exponential overflows.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let others = x.shape.indices.filter { $0 != 1 }
    let largest = stopGradient(x).maximum(axes: [1]).broadcast(like: x, axes: others)
    let exponentials = exp(x - largest)
    return exponentials / exponentials.sum(axes: [1]).broadcast(like: x, axes: others)
  }
}
