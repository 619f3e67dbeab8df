import ModelIR
import TensorGraph

/// The adjoint of a strided convolution, as a layer: every element of the input adds a scaled filter to
/// the output.
///
/// y[m, i·s + p·d − padding, j·s + q·d − padding] = b[m] + Σ w[c, m′, p, q] · x[c, i, j], the sum over all
/// i, j, p, q that lead to that place and the channels c of m's group.
///
/// - Shapes: [C, H, W] → [M, H′, W′] with H′ = (H − 1)·s − 2·padding + d·(k − 1) + output_padding + 1;
///   `weight` [C, M/groups, kh, kw], `bias` [M].
/// - Bound: σ₁ of the operator, that of the convolution whose adjoint it is.
/// - Cost: 2·C·H·W·M/groups·kh·kw operations per sample.
/// - Reference: Dumoulin, Visin 2016; ‖Aᵀ‖ = ‖A‖.
struct ConvTransposeLayer: Layer {
  static let kind = "conv_transpose"
  static let examples = [
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

  init(from reader: inout ConfigReader) {
    filters = reader.read(ConvolutionKeys.filters)
    let kernel = reader.read(ConvolutionKeys.kernel(of: PairValue.self))
    let stride = reader.read(
      "stride", default: PairValue(1), "the step between the places of neighbors", .extents)
    let padding = reader.read(
      "padding", default: PairValue(0), "rows and columns cut off on each side", .amounts)
    outputPadding = reader.read(
      "output_padding", default: PairValue(0),
      "rows and columns added below and to the right, less than 'stride'", .amounts)
    let dilation = reader.read(ConvolutionKeys.dilation(of: PairValue.self))
    let groups = reader.read(ConvolutionKeys.groups)
    hasBias = reader.read(.bias)
    initializer = reader.read(InitializerWord.key)
    method = reader.read(ConvolutionNormWord.key)
    window = ConvolutionWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: padding.array,
      paddingHigh: padding.array, dilations: dilation.array, groups: groups)
    reader.requireDivisible(filters: filters, groups: groups)
    reader.require(
      zip(outputPadding.array, stride.array).allSatisfy { $0 < $1 }, "out-of-range",
      "'output_padding' must be less than 'stride' \(stride.specText), "
        + "found \(outputPadding.specText)", at: "output_padding")
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    try ConvolutionKeys.check(channels: image, groups: window.groups)
    let output = output(of: image)
    guard output[1] >= 1, output[2] >= 1, image[1] >= 1, image[2] >= 1 else {
      throw ShapeFault("needs an output that is not empty, found \(output) for \(image)")
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

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let (channels, groups) = (inputs[0][0], window.groups)
    let taps = window.kernel[0] * window.kernel[1]
    // Of the taps at an output, one in stride² meets an element of the input.
    let steps = window.strides[0] * window.strides[1]
    let weight = ParameterDeclaration(
      "weight", [channels, filters / groups] + window.kernel, .weight,
      initializer.initializer(
        fanIn: max(1, channels / groups * taps / steps), fanOut: filters / groups * taps))
    let bias = ParameterDeclaration("bias", [filters], .bias, .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let image = context.inputs[0]
    let form = LinearOperator.Form.transposedConvolution(
      weight: context.parameter("weight"), window: window, input: image, output: output(of: image))
    return .linear(LinearOperator(name: context.name, form: form, method: method.method))
  }

  /// The adjoint of the convolution, plus b.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let shape = [x.shape[0]] + output(of: Array(x.shape.dropFirst()))
    let y = x.builder.apply(
      .convolutionInputGradient(window), [x, context.parameter("weight")], as: TensorType(shape))
    return hasBias ? y + context.parameter("bias").broadcast(like: y, axes: [1]) : y
  }
}
