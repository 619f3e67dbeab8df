import ModelIR
import TensorGraph

/// Cross-correlation of each channel of an image with m filters of its own: `conv2d` with as many groups
/// as channels.
///
/// y[c·m + k, i, j] = b[c·m + k] + Σ w[c·m + k, 0, p, q] · x[c, i·s + p·d − padding, j·s + q·d − padding].
///
/// - Shapes: [C, H, W] → [C·m, H′, W′] with H′ as for `conv2d`; `weight` [C·m, 1, kh, kw], `bias` [C·m].
/// - Bound: the norm of the zero-padded, strided operator, the largest of the channels'.
/// - Cost: 2·C·m·H′·W′·kh·kw operations per sample.
/// - Reference: Chollet 2017; the bound as for `conv2d`.
struct DepthwiseLayer: Layer {
  static let kind = "depthwise"
  static let mainKey: String? = "kernel"
  static let examples = [
    LayerExample("{kernel: 2}", inputs: [[3, 4, 4]]),
    LayerExample("{kernel: 3, multiplier: 2, stride: 2, padding: 1}", inputs: [[2, 5, 4]]),
  ]

  private let single: Convolution

  init(from reader: inout ConfigReader) {
    let multiplier = SpecKey<Int>(
      "multiplier", default: 1, "the number m of filters per channel", .channels)
    single = Convolution(
      of: PairValue.self, count: multiplier, isGrouped: false, from: &reader)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    guard image[0] >= 1 else { throw ShapeFault("needs at least one channel, found \(image)") }
    return try single.perChannel(image[0]).outputShape(of: image)
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let channels = inputs[0][0]
    return single.perChannel(channels)
      .parameters(channels: channels, kernel: single.kernel.array)
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight? {
    single.perChannel(inputs[0][0]).formedWeight(for: inputs[0])
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let image = context.inputs[0]
    return single.perChannel(image[0]).bound(in: context, input: image)
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    return single.perChannel(x.shape[1]).lower(x, filter: context.parameter("weight"), context)
  }
}
