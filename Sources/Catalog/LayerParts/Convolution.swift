import ModelIR
import TensorGraph

/// What `conv1d`, `conv2d` and `depthwise` share: a zero-padded cross-correlation of [C, H, W] with M
/// filters; a signal is an image of height 1.
///
/// y[m, i, j] = b[m] + Σ w[m, c, p, q] · x[g(m)·C/groups + c, i·s + p·d − padding, …], x zero outside.
struct Convolution: Sendable {
  private var filters: Int
  let kernel: PairValue
  private let stride: PairValue
  private let padding: Padding<PairValue>
  private let dilation: PairValue
  private var groups: Int
  private let hasBias: Bool
  private let initializer: InitializerWord
  private let method: ConvolutionNormWord
  private let parametrization: (any Parametrization)?

  /// - Parameters:
  ///   - extents: lengths for signals or pairs for images.
  ///   - count: the key of the number of filters.
  ///   - isGrouped: whether there is a key `groups`.
  init<Extents: WindowExtents>(
    of extents: Extents.Type, count: SpecKey<Int> = ConvolutionKeys.filters,
    isGrouped: Bool = true, from reader: inout ConfigReader
  ) {
    filters = reader.read(count)
    kernel = reader.read(ConvolutionKeys.kernel(of: extents)).pair(height: 1)
    stride = reader.read(
      "stride", default: Extents(1), "the step between windows", .extents
    ).pair(height: 1)
    padding = reader.read(
      "padding", default: Padding.other(Extents(0)), "zeros around the input", .amounts
    ).pair(height: 0)
    dilation = reader.read(ConvolutionKeys.dilation(of: extents)).pair(height: 1)
    groups = isGrouped ? reader.read(ConvolutionKeys.groups) : 1
    hasBias = reader.read(.bias)
    initializer = reader.read(InitializerWord.key)
    method = reader.read(ConvolutionNormWord.key)
    parametrization = reader.readParametrization()
    reader.requireInitializer(initializer, parametrization)
    reader.requireDivisible(filters: filters, groups: groups)
  }

  /// The convolution of each of `channels` channels by itself, `filters` of them a channel.
  func perChannel(_ channels: Int) -> Convolution {
    var result = self
    result.filters *= channels
    result.groups = channels
    return result
  }

  /// The distance from a filter's first to its last tap, both counted.
  private var spans: [Int] {
    zip(kernel.array, dilation.array).map { ($0 - 1) * $1 + 1 }
  }

  private func window(for extents: [Int]) -> ConvolutionWindow {
    let zeros = padding.amounts(extents: extents, spans: spans, strides: stride.array)
    return ConvolutionWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: zeros.low, paddingHigh: zeros.high,
      dilations: dilation.array, groups: groups)
  }

  /// [M, H′, W′] for [C, H, W].
  func outputShape(of input: [Int]) throws(ShapeFault) -> [Int] {
    try ConvolutionKeys.check(channels: input, groups: groups)
    let extents = Array(input[1...])
    let window = window(for: extents)
    guard let output = window.outputExtent(extents) else {
      let padded = extents.indices.map {
        extents[$0] + window.paddingLow[$0] + window.paddingHigh[$0]
      }
      throw ShapeFault(
        "needs a padded input no smaller than its kernel's reach \(spans), found \(padded)",
        help: "use a smaller kernel or dilation, or more padding")
    }
    try formedWeight(for: input)?.check()
    return [filters] + output
  }

  /// The weight for [C, H, W] if it is formed.
  func formedWeight(for input: [Int]) -> FormedWeight? {
    parametrization.map { parametrization in
      let map = FilterMap(
        filters: filters, channels: input[0] / groups, window(for: Array(input[1...])))
      return FormedWeight(parametrization, of: map)
    }
  }

  /// `kernel` is the weight's axes after the channels.
  func parameters(channels: Int, kernel: [Int]) -> [ParameterDeclaration] {
    let taps = kernel.reduce(1, *)
    let weight = ParameterDeclaration(
      "weight", [filters, channels / groups] + kernel, .weight,
      initializer.initializer(fanIn: channels / groups * taps, fanOut: filters / groups * taps))
    let bias = ParameterDeclaration("bias", [filters], .bias, .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  /// The norm of the map without b of [C, H, W].
  func bound(in context: LayerBoundContext, input: [Int]) -> LayerBound {
    let form = LinearOperator.Form.convolution(
      weight: context.parameter("weight"), window: window(for: Array(input[1...])), input: input,
      filters: filters)
    return .linear(
      LinearOperator(
        name: context.name, form: form, method: method.method,
        constraint: formedWeight(for: input)?.constraint))
  }

  /// x ⋆ w + b for x [N, C, H, W] and w [M, C/groups, kh, kw].
  func lower(_ x: Tensor, filter: Tensor, _ context: LoweringContext) -> Tensor {
    let y = context.factor(x).convolved(
      with: context.factor(filter), window(for: Array(x.shape[2...])))
    return hasBias ? y + context.parameter("bias").broadcast(like: y, axes: [1]) : y
  }
}

/// What all kinds of convolution share.
enum ConvolutionKeys {
  static let filters = SpecKey<Int>("filters", "the number M of output channels", .channels)
  static let groups = SpecKey<Int>(
    "groups", default: 1, "groups of channels that do not mix", .channels)

  static func kernel<Extents: WindowExtents>(of _: Extents.Type) -> SpecKey<Extents> {
    SpecKey("kernel", "the filter's extent", .extents)
  }

  static func dilation<Extents: WindowExtents>(of _: Extents.Type) -> SpecKey<Extents> {
    SpecKey("dilation", default: Extents(1), "the step between a filter's taps", .extents)
  }

  /// Throws unless the groups divide the channels of [C, H, W].
  static func check(channels input: [Int], groups: Int) throws(ShapeFault) {
    guard input[0] % groups == 0 else {
      throw ShapeFault(
        "needs channels divisible by 'groups' \(groups), found \(input[0]) in \(input)")
    }
  }
}

extension ConfigReader {
  mutating func requireDivisible(filters: Int, groups: Int) {
    require(
      filters % groups == 0, "out-of-range",
      "'filters' must be divisible by 'groups' \(groups), found \(filters)", at: "filters")
  }
}
