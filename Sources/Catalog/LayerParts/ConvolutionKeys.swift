import ModelIR

/// The keys that more than one kind of convolution has.
enum ConvolutionKeys {
  static let filters = SpecKey<Int>("filters", "the number M of output channels", .channels)
  static let kernel = SpecKey<PairValue>("kernel", "the filter's extent", .extents)
  static let stride = SpecKey<PairValue>(
    "stride", default: PairValue(1), "the step between windows", .extents)
  static let padding = SpecKey<PaddingValue>(
    "padding", default: .extents(PairValue(0)), "zeros around the image", .padding)
  static let dilation = SpecKey<PairValue>(
    "dilation", default: PairValue(1), "the step between a filter's taps", .extents)
  static let groups = SpecKey<Int>(
    "groups", default: 1, "groups of channels that do not mix", .channels)
  static let bias = SpecKey<Bool>("bias", default: true, "whether b is there")
}

extension Convolution {
  /// Reads the keys of a convolution of images; nil after a diagnostic.
  ///
  /// - Parameters:
  ///   - count: the key of the number of filters.
  ///   - isGrouped: whether there is a key `groups`.
  init?(from reader: inout ConfigReader, count: SpecKey<Int>, isGrouped: Bool) {
    let filters = reader.read(count)
    let kernel = reader.read(ConvolutionKeys.kernel)
    let stride = reader.read(ConvolutionKeys.stride)
    let padding = reader.read(ConvolutionKeys.padding)
    let dilation = reader.read(ConvolutionKeys.dilation)
    let groups = isGrouped ? reader.read(ConvolutionKeys.groups) : 1
    let bias = reader.read(ConvolutionKeys.bias)
    let initializer = reader.read(InitializerWord.key)
    let method = reader.read(ConvolutionNormWord.key)
    guard let filters, let kernel, let stride, let padding, let dilation, let groups, let bias,
      let initializer, let method, reader.requireDivisible(filters: filters, groups: groups)
    else { return nil }
    self.init(
      filters: filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      groups: groups, hasBias: bias, initializer: initializer, method: method)
  }
}
