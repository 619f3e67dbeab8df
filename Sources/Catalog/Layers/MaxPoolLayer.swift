import BoundAlgebra
import ModelIR
import TensorGraph

/// The maximum over each window of a channel; padding is never the maximum.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: constant √n, where n is the largest number of windows that contain one element, counted for
///   the given kernel, stride, padding and input size; 1 where windows do not overlap. Each output is
///   1-Lipschitz in its window, and the change of an element enters the squared norm at most n times. An
///   element that is the maximum of all its windows reaches the bound.
/// - Cost: one pass over the windows.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
struct MaxPoolLayer: Layer {
  static let kind = "max_pool"
  static let mainKey: String? = "kernel"
  static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: 3, stride: 2, padding: 1}", inputs: [[1, 5, 5]]),
    LayerExample("{kernel: [3, 2], stride: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{kernel: 3, stride: 1}", inputs: [[1, 4, 4]]),
    LayerExample("{kernel: 2, stride: 1, padding: same}", inputs: [[1, 3, 4]]),
    LayerExample("{kernel: 1, stride: 2}", inputs: [[1, 3, 4]]),
  ]

  private let pooling: Pooling

  init(from reader: inout ConfigReader) { pooling = Pooling(from: &reader) }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  /// √n.
  func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    let extent = Array(shape[1...])
    let window = pooling.window(for: extent)
    let overlap = window.largestOverlap(in: extent)
    guard overlap == 1 else { return .constant(.constant(.squareRoot(overlap, 1))) }
    let groups = window.members(of: shape)
    return .comparisons(
      Comparisons(groups: groups, outputs: groups.map { $0[0] }, Comparisons.maximum))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    context.input.maxPool(pooling.window(for: Array(context.input.shape[2...])))
  }
}
