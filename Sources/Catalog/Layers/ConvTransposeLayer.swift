import ModelIR
import TensorGraph

/// The adjoint of a strided convolution, as a layer: every element of the input adds a scaled filter to
/// the output.
///
/// y[m, i·s + p·d − padding, j·s + q·d − padding] = b[m] + Σ w[c, m′, p, q] · x[c, i, j], the sum over all
/// i, j, p, q that give the place and the channels c of m's group.
///
/// - Shapes: [C, H, W] → [M, H′, W′] with H′ = (H − 1)·s − 2·padding + d·(k − 1) + output_padding + 1;
///   `weight` [C, M/groups, kh, kw], `bias` [M].
/// - Bound: σ₁ of the operator, that of the convolution whose adjoint it is.
/// - Cost: 2·C·H·W·M/groups·kh·kw operations a sample.
/// - Reference: Dumoulin, Visin 2016; ‖Aᵀ‖ = ‖A‖.
public struct ConvTransposeLayer: Layer {
  private enum Keys {
    static let stride = SpecKey<PairValue>(
      "stride", default: PairValue(1), "the step between the places of neighbours", .extents)
    static let padding = SpecKey<PairValue>(
      "padding", default: PairValue(0), "rows and columns cut off on each side", .amounts)
    static let outputPadding = SpecKey<PairValue>(
      "output_padding", default: PairValue(0),
      "rows and columns added below and to the right, less than 'stride'", .amounts)
  }

  /// The name in a spec.
  public static let kind = "conv_transpose"
  /// The keys.
  public static let keys = [
    ConvolutionKeys.filters.description, ConvolutionKeys.kernel.description,
    Keys.stride.description,
    Keys.padding.description, Keys.outputPadding.description, ConvolutionKeys.dilation.description,
    ConvolutionKeys.groups.description, ConvolutionKeys.bias.description,
    InitializerWord.key.description,
    ConvolutionNormWord.key.description,
  ]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{filters: 2, kernel: 2}", inputs: [[3, 2, 3]]),
    LayerExample(
      "{filters: 2, kernel: 3, stride: 2, padding: 1, output_padding: 1}", inputs: [[2, 3, 2]]),
    LayerExample(
      "{filters: 4, kernel: [2, 1], stride: [1, 2], dilation: [2, 1], groups: 2, bias: false}",
      inputs: [[2, 2, 3]]),
  ]

  private let filters: Int
  private let window: ConvolutionWindow
  private let outputPadding: PairValue
  private let hasBias: Bool
  private let initializer: InitializerWord
  private let method: ConvolutionNormWord

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let filters = reader.read(ConvolutionKeys.filters)
    let kernel = reader.read(ConvolutionKeys.kernel)
    let stride = reader.read(Keys.stride)
    let padding = reader.read(Keys.padding)
    let outputPadding = reader.read(Keys.outputPadding)
    let dilation = reader.read(ConvolutionKeys.dilation)
    let groups = reader.read(ConvolutionKeys.groups)
    let bias = reader.read(ConvolutionKeys.bias)
    let initializer = reader.read(InitializerWord.key)
    let method = reader.read(ConvolutionNormWord.key)
    guard let filters, let kernel, let stride, let padding, let outputPadding, let dilation,
      let groups, let bias, let initializer, let method,
      reader.requireDivisible(filters: filters, groups: groups)
    else { return nil }
    guard outputPadding.height < stride.height, outputPadding.width < stride.width else {
      reader.report(
        .error(
          .spec, "out-of-range",
          "'output_padding' must be less than 'stride' \(stride.specText), "
            + "found \(outputPadding.specText)",
          at: reader.node("output_padding")?.span ?? reader.span))
      return nil
    }
    self.filters = filters
    window = ConvolutionWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: padding.array,
      paddingHigh: padding.array, dilations: dilation.array, groups: groups)
    self.outputPadding = outputPadding
    hasBias = bias
    self.initializer = initializer
    self.method = method
  }

  /// [M, H′, W′] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    guard image[0] % window.groups == 0 else {
      throw ShapeFault(
        "needs channels divisible by 'groups' \(window.groups), found \(image[0]) in \(image)")
    }
    let output = output(of: image)
    guard output[1] >= 1, output[2] >= 1, image[1] >= 1, image[2] >= 1 else {
      throw ShapeFault(
        "needs an image that 'padding' leaves something of, found \(image) and \(output)")
    }
    return output
  }

  private func output(of image: [Int]) -> [Int] {
    let extent = (0..<2).map { axis -> Int in
      let places = (image[axis + 1] - 1) * window.strides[axis] + outputPadding.array[axis] + 1
      let span = window.dilations[axis] * (window.kernel[axis] - 1)
      return places + span - 2 * window.paddingLow[axis]
    }
    return [filters] + extent
  }

  /// The filters and b.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let (channels, groups) = (inputs[0][0], window.groups)
    let taps = window.kernel[0] * window.kernel[1]
    // Of the taps at an output, one in stride² meets an element of the input.
    let steps = window.strides[0] * window.strides[1]
    let start = initializer.initializer(
      fanIn: max(1, channels / groups * taps / steps), fanOut: filters / groups * taps)
    let weight = ParameterDeclaration(
      "weight", [channels, filters / groups] + window.kernel, .weight, start)
    return hasBias
      ? [weight, ParameterDeclaration("bias", [filters], .bias, .constant(0))] : [weight]
  }

  /// The norm of the operator.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let image = context.inputs[0]
    return .linear(
      LinearOperator(
        name: context.name,
        form: .transposedConvolution(
          weight: context.parameter("weight"), window: window, input: image,
          output: output(of: image)),
        method: method.method))
  }

  /// The adjoint plus b.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let result = [shape[0]] + output(of: Array(shape.dropFirst()))
    let y = context.builder.apply(
      .convolutionInputGradient(window), [x, context.parameter("weight")], as: TensorType(result))
    guard hasBias else { return y }
    let bias = context.builder.broadcast(context.parameter("bias"), to: result, axes: [1])
    return context.builder.add(y, bias)
  }
}
