import Enclosure
import ModelIR
import TensorGraph

/// A composed linear map that is itself a zero-padded convolution without groups:
/// A = 2^exponent · (conv of `filter` + E) with ‖E‖ ≤ `error`.
///
/// Folded are: factors of channels before or after a convolution; a convolution or window sum without
/// padding after a convolution, whose taps are the sums of products of taps at k₁·d₁ + s₁·k₂·d₂ (with
/// padding, what lies between would have to be cut off, and the composition is no convolution); sums of
/// convolutions of one stride, and of identities, whose taps are aligned by their offsets.
struct FoldedConvolution {
  let channels: Int
  let filters: Int
  /// [H, W].
  let extent: [Int]
  let window: ConvolutionWindow
  /// [M, C, kh, kw]; the largest magnitude lies in [1, 2), or all are 0.
  let filter: [Double]
  let exponent: Int
  let error: UpperBound

  init?(
    channels: Int, filters: Int, extent: [Int], window: ConvolutionWindow, filter: [Double],
    exponent: Int, error: UpperBound
  ) {
    guard window.outputExtent(extent) != nil, error.isFinite else { return nil }
    self.channels = channels
    self.filters = filters
    self.extent = extent
    self.window = window
    let scaled = ScaledNumbers(filter)
    guard let scaled, abs(scaled.exponent) < 900 else { return nil }
    self.filter = scaled.values
    self.exponent = exponent + scaled.exponent
    let factor = Double(sign: .plus, exponent: -scaled.exponent, significand: 1)
    self.error = error * UpperBound(proven: factor) + UpperBound(proven: 0x1p-900)
  }

  /// The convolution as a block; its norm is off by ``error``.
  var block: ConvolutionBlock {
    ConvolutionBlock(
      channels: channels, filters: filters, extent: extent, outputExtent: outputExtent,
      window: window, filter: filter)
  }

  /// [H′, W′].
  var outputExtent: [Int] { window.outputExtent(extent) ?? [0, 0] }

  /// The identity on images.
  init?(identity shape: [Int]) {
    guard shape.count == 3 else { return nil }
    var filter = Array(repeating: 0.0, count: shape[0] * shape[0])
    for channel in 0..<shape[0] { filter[channel * shape[0] + channel] = 1 }
    self.init(
      channels: shape[0], filters: shape[0], extent: Array(shape[1...]),
      window: ConvolutionWindow(kernel: [1, 1]), filter: filter, exponent: 0, error: .zero)
  }

  /// A layer's operator, nil where it is none of the kinds that fold.
  init?(_ map: LinearOperator, weights: (String) -> [Float]) {
    switch map.form {
    case .convolution(let weight, let window, let input, let filters):
      guard window.groups == 1 || window.groups == input[0] else { return nil }
      let dense = Self.ungrouped(
        weights(weight).map(Double.init), window, channels: input[0], filters: filters)
      var window = window
      window.groups = 1
      self.init(
        channels: input[0], filters: filters, extent: Array(input[1...]), window: window,
        filter: dense, exponent: 0, error: .zero)
    case .sumPool(let window, let input, let factor):
      let taps = window.kernel[0] * window.kernel[1]
      let grouped = ConvolutionWindow(
        kernel: window.kernel, strides: window.strides, paddingLow: window.paddingLow,
        paddingHigh: window.paddingHigh, groups: input[0])
      let dense = Self.ungrouped(
        Array(repeating: factor, count: input[0] * taps), grouped, channels: input[0],
        filters: input[0])
      var window = grouped
      window.groups = 1
      self.init(
        channels: input[0], filters: input[0], extent: Array(input[1...]), window: window,
        filter: dense, exponent: 0, error: .zero)
    case .diagonal(let factors, let shape):
      guard shape.count == 3 else { return nil }
      let stored = StoredFactors(factors, weights: weights)
      let values = stored.values
      var filter = Array(repeating: 0.0, count: shape[0] * shape[0])
      for channel in 0..<shape[0] {
        filter[channel * shape[0] + channel] = values[values.count == 1 ? 0 : channel]
      }
      let largest = values.reduce(0) { max($0, $1.magnitude) }
      let relative = UpperBound(proven: (stored.largestRatio.value - 1).nextUp)
      self.init(
        channels: shape[0], filters: shape[0], extent: Array(shape[1...]),
        window: ConvolutionWindow(kernel: [1, 1]), filter: filter, exponent: 0,
        error: UpperBound(proven: largest) * relative)
    case .dense, .transposedConvolution, .copy, .centering:
      return nil
    }
  }

  /// A filter of channel groups with zeros between the groups.
  private static func ungrouped(
    _ filter: [Double], _ window: ConvolutionWindow, channels: Int, filters: Int
  ) -> [Double] {
    guard window.groups > 1 else { return filter }
    let taps = window.kernel[0] * window.kernel[1]
    let (inner, outer) = (channels / window.groups, filters / window.groups)
    var dense = Array(repeating: 0.0, count: filters * channels * taps)
    for m in 0..<filters {
      for c in 0..<inner {
        for k in 0..<taps {
          dense[(m * channels + m / outer * inner + c) * taps + k] =
            filter[(m * inner + c) * taps + k]
        }
      }
    }
    return dense
  }
}
