import ModelIR
import TensorGraph

/// Cross-correlation of a signal with M filters, zeros outside the signal.
///
/// y[m, i] = b[m] + Σ w[m, c, p] · x[c′, i·s + p·d − padding], the sum over the channels c of m's group
/// and the taps p.
///
/// - Shapes: [C, T] → [M, T′] with T′ = ⌊(T + 2·padding − d·(k − 1) − 1)/s⌋ + 1, or ⌈T/s⌉ for
///   `padding: same`; `weight` [M, C/groups, k], `bias` [M].
/// - Bound: ‖y − y′‖₂ ≤ σ₁(A) ‖x − x′‖₂, A the zero-padded, strided operator: that of a
///   two-dimensional convolution of height 1.
/// - Cost: 2·M·T′·C/groups·k operations a sample.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
public struct Conv1DLayer: Layer {
  private enum Keys {
    static let kernel = SpecKey<Int>("kernel", "the filter's extent", .extent)
    static let stride = SpecKey<Int>("stride", default: 1, "the step between windows", .extent)
    static let padding = SpecKey<LengthPaddingValue>(
      "padding", default: .extent(0), "zeros at both ends", .lengths)
    static let dilation = SpecKey<Int>(
      "dilation", default: 1, "the step between a filter's taps", .extent)
  }

  /// The name in a spec.
  public static let kind = "conv1d"
  /// The keys.
  public static let keys = [
    ConvolutionKeys.filters.description, Keys.kernel.description, Keys.stride.description,
    Keys.padding.description, Keys.dilation.description, ConvolutionKeys.groups.description,
    ConvolutionKeys.bias.description, InitializerWord.key.description,
    ConvolutionNormWord.key.description,
  ]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{filters: 3, kernel: 3, padding: 1}", inputs: [[2, 6]]),
    LayerExample("{filters: 2, kernel: 4, stride: 3, padding: same}", inputs: [[1, 7]]),
    LayerExample("{filters: 2, kernel: 2, dilation: 2, groups: 2, bias: false}", inputs: [[4, 5]]),
  ]

  private let convolution: Convolution

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let filters = reader.read(ConvolutionKeys.filters)
    let kernel = reader.read(Keys.kernel)
    let stride = reader.read(Keys.stride)
    let padding = reader.read(Keys.padding)
    let dilation = reader.read(Keys.dilation)
    let groups = reader.read(ConvolutionKeys.groups)
    let bias = reader.read(ConvolutionKeys.bias)
    let initializer = reader.read(InitializerWord.key)
    let method = reader.read(ConvolutionNormWord.key)
    guard let filters, let kernel, let stride, let padding, let dilation, let groups, let bias,
      let initializer, let method, reader.requireDivisible(filters: filters, groups: groups)
    else { return nil }
    convolution = Convolution(
      filters: filters, kernel: PairValue(1, kernel), stride: PairValue(1, stride),
      padding: padding.asImage, dilation: PairValue(1, dilation), groups: groups, hasBias: bias,
      initializer: initializer, method: method)
  }

  /// [M, T′] for a signal.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard shape.count == 2 else {
      throw ShapeFault(
        "needs an input [channels, length], found \(shape)",
        help: "put 'reshape: [channels, length]' before it")
    }
    let output = try convolution.outputShape(of: [shape[0], 1, shape[1]])
    return [output[0], output[2]]
  }

  /// The filters and b.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    convolution.parameters(channels: inputs[0][0], extent: [convolution.kernel.width])
  }

  /// The norm of the operator on images of height 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    return .linear(convolution.linearOperator(in: context, input: [shape[0], 1, shape[1]]))
  }

  /// The correlation of an image of height 1, plus b.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let image = context.builder.reshape(x, [shape[0], shape[1], 1, shape[2]])
    let weight = context.parameter("weight")
    let taps = context.builder.shape(weight)
    let filter = context.builder.reshape(weight, [taps[0], taps[1], 1, taps[2]])
    let y = convolution.lower(image, filter: filter, &context)
    let result = context.builder.shape(y)
    return context.builder.reshape(y, [result[0], result[1], result[3]])
  }
}
