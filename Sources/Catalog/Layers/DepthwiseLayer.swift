import ModelIR
import TensorGraph

/// Cross-correlation of each channel of an image by itself, with m filters: `conv2d` with as many groups
/// as channels.
///
/// y[c·m + k, i, j] = b[c·m + k] + Σ w[c·m + k, 0, p, q] · x[c, i·s + p·d − padding, j·s + q·d − padding].
///
/// - Shapes: [C, H, W] → [C·m, H′, W′] with H′ as for `conv2d`; `weight` [C·m, 1, kh, kw], `bias` [C·m].
/// - Bound: the norm of the zero-padded, strided operator, the largest of the channels'.
/// - Cost: 2·C·m·H′·W′·kh·kw operations a sample.
/// - Reference: Chollet 2017; the bound as for `conv2d`.
public struct DepthwiseLayer: Layer {
  private static let multiplier = SpecKey<Int>(
    "multiplier", default: 1, "the number m of filters a channel", .channels)

  /// The name in a spec.
  public static let kind = "depthwise"
  /// The keys.
  public static let keys = [
    ConvolutionKeys.kernel.description, multiplier.description, ConvolutionKeys.stride.description,
    ConvolutionKeys.padding.description, ConvolutionKeys.dilation.description,
    ConvolutionKeys.bias.description,
    InitializerWord.key.description, ConvolutionNormWord.key.description,
  ]
  /// `depthwise: 3`.
  public static let mainKey: String? = "kernel"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{kernel: 2}", inputs: [[3, 4, 4]]),
    LayerExample("{kernel: 3, multiplier: 2, stride: 2, padding: 1}", inputs: [[2, 5, 4]]),
  ]

  /// The convolution of one channel.
  private let single: Convolution

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let single = Convolution(from: &reader, count: Self.multiplier, isGrouped: false)
    else { return nil }
    self.single = single
  }

  /// As many copies side by side as channels.
  private func convolution(_ channels: Int) -> Convolution {
    var result = single
    result.filters *= channels
    result.groups = channels
    return result
  }

  /// [C·m, H′, W′] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    guard image[0] >= 1 else { throw ShapeFault("needs at least one channel, found \(image)") }
    return try convolution(image[0]).outputShape(of: image)
  }

  /// The filters and b.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let convolution = convolution(inputs[0][0])
    return convolution.parameters(channels: inputs[0][0], extent: convolution.kernel.array)
  }

  /// The norm of the operator on images of the input's extent.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let image = context.inputs[0]
    return .linear(convolution(image[0]).linearOperator(in: context, input: image))
  }

  /// The correlation plus b.
  public func lower(_ context: inout LoweringContext) -> Value {
    let channels = context.builder.shape(context.inputs[0])[1]
    return convolution(channels).lower(
      context.inputs[0], filter: context.parameter("weight"), &context)
  }
}
