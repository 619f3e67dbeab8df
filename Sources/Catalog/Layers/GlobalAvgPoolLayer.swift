import ModelIR
import TensorGraph

/// The average of each channel: [C, H, W] to a vector.
///
/// - Shapes: [C, H, W] → [C].
/// - Bound: 1/√(H·W), by the Cauchy–Schwarz inequality, reached by a constant image.
/// - Cost: one pass over the elements.
/// - Reference: the Cauchy–Schwarz inequality.
struct GlobalAvgPoolLayer: Layer {
  static let kind = "global_avg_pool"
  static let examples = [
    LayerExample("", inputs: [[2, 3, 4]]), LayerExample("", inputs: [[3, 1, 1]]),
  ]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    [try inputs.image()[0]]
  }

  /// 1/(H·W) as the network uses it.
  private func factor(_ extents: [Int]) -> Double {
    StoredConstant(1 / Double(extents[0] * extents[1])).value
  }

  /// The norm of the sum over one window.
  func bound(in context: LayerBoundContext) -> LayerBound {
    let input = context.inputs[0]
    let extents = Array(input[1...])
    let window = PoolWindow(kernel: extents, strides: extents)
    return .linear(
      LinearOperator(
        name: context.name, form: .sumPool(window: window, input: input, factor: factor(extents))))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    context.input.sum(axes: [2, 3]) * factor(Array(context.input.shape[2...]))
  }
}
