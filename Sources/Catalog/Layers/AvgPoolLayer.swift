import ModelIR
import TensorGraph

/// The average over each window of a channel, padding counted as zeros.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: the spectral norm of the operator itself, the same for every channel: 1/√(kh·kw) where
///   windows do not overlap, at most √n/√(kh·kw) with n windows over one element.
/// - Cost: one pass over the windows.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
struct AvgPoolLayer: Layer {
  static let kind = "avg_pool"
  static let mainKey: String? = "kernel"
  static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: [3, 2], stride: [1, 2], padding: [1, 0]}", inputs: [[1, 4, 5]]),
    LayerExample("{kernel: 3, stride: 2, padding: same}", inputs: [[1, 5, 4]]),
    LayerExample("{kernel: 2, stride: 3}", inputs: [[1, 5, 5]]),
  ]

  private let pooling: Pooling

  init(from reader: inout ConfigReader) { pooling = Pooling(from: &reader) }

  /// 1/(kh·kw) as the network uses it.
  private var factor: Double {
    StoredConstant(1 / Double(pooling.kernel.height * pooling.kernel.width)).value
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let input = context.inputs[0]
    let window = pooling.window(for: Array(input[1...]))
    return .linear(
      LinearOperator(
        name: context.name, form: .sumPool(window: window, input: input, factor: factor)))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    return x.sumPool(pooling.window(for: Array(x.shape[2...]))) * factor
  }
}
