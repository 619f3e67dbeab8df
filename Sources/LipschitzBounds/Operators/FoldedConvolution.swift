import Enclosure
import ModelIR
import TensorGraph

/// A composed linear map that is itself a zero-padded convolution without groups:
/// A = 2^exponent · (convolution with `filter` + E) with ‖E‖ ≤ `error`.
///
/// These compositions are convolutions:
/// - Factors of channels before or after a convolution.
/// - A convolution or window sum without padding after a convolution. Its taps are the sums of products of
///   taps at k₁·d₁ + s₁·k₂·d₂. With padding, the second map would read zeros where the first one's formula
///   gives other values, so the composition would not be a convolution.
/// - Sums of convolutions of the same stride and of identities, with taps aligned by their offsets.
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

  /// The convolution as a block, whose norm differs from the exact one by at most ``error``.
  var block: ConvolutionBlock {
    ConvolutionBlock(
      channels: channels, filters: filters, extent: extent, outputExtent: outputExtent,
      window: window, filter: filter)
  }

  /// [H′, W′].
  var outputExtent: [Int] { window.outputExtent(extent) ?? [0, 0] }

  /// The identity on images of a shape; nil if it is not that of an image.
  init?(identity shape: [Int]) {
    guard shape.count == 3 else { return nil }
    var filter = Array(repeating: 0.0, count: shape[0] * shape[0])
    for channel in 0..<shape[0] { filter[channel * shape[0] + channel] = 1 }
    self.init(
      channels: shape[0], filters: shape[0], extent: Array(shape[1...]),
      window: ConvolutionWindow(kernel: [1, 1]), filter: filter, exponent: 0, error: .zero)
  }

  /// A layer's operator; nil if it is not a convolution.
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
      let diagonal = DiagonalFactors(factors, weights: weights)
      let values = diagonal.values
      var filter = Array(repeating: 0.0, count: shape[0] * shape[0])
      for channel in 0..<shape[0] {
        filter[channel * shape[0] + channel] = values[values.count == 1 ? 0 : channel]
      }
      let largest = values.reduce(0) { max($0, $1.magnitude) }
      let relative = UpperBound(proven: (diagonal.largestRatio.value - 1).nextUp)
      self.init(
        channels: shape[0], filters: shape[0], extent: Array(shape[1...]),
        window: ConvolutionWindow(kernel: [1, 1]), filter: filter, exponent: 0,
        error: UpperBound(proven: largest) * relative)
    case .dense, .transposedConvolution, .copy, .centering:
      return nil
    }
  }

  /// The filter of a grouped convolution with zeros between channels of different groups.
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

extension FoldedConvolution {
  /// This convolution after another; nil if this one pads.
  func after(_ inner: FoldedConvolution) -> FoldedConvolution? {
    guard inner.filters == channels, inner.outputExtent == extent,
      window.paddingLow == [0, 0], window.paddingHigh == [0, 0]
    else { return nil }
    let joint = window.after(inner.window, extent: inner.extent)
    var product = Array(
      repeating: 0.0, count: filters * inner.channels * joint.kernel[0] * joint.kernel[1])
    addProducts(inner, joint, to: &product)
    let (size, innerSize) = (block.magnitude, inner.block.magnitude)
    let terms = channels * filter.count / max(filters * channels, 1) + 2
    let rounding = AccumulatedError.gamma(terms) * size * innerSize
    let total = rounding + error * (innerSize + inner.error) + size * inner.error
    return FoldedConvolution(
      channels: inner.channels, filters: filters, extent: inner.extent, window: joint,
      filter: product, exponent: exponent + inner.exponent,
      error: total + UpperBound(proven: 0x1p-900))
  }

  private func addProducts(
    _ inner: FoldedConvolution, _ joint: ConvolutionWindow, to product: inout [Double]
  ) {
    let (k2, k1) = (window.kernel, inner.window.kernel)
    let (outerTaps, innerTaps) = (k2[0] * k2[1], k1[0] * k1[1])
    let jointTaps = joint.kernel[0] * joint.kernel[1]
    for m in 0..<filters {
      for middle in 0..<channels {
        for tap2 in 0..<outerTaps {
          let a = filter[(m * channels + middle) * outerTaps + tap2]
          if a == 0 { continue }
          for c in 0..<inner.channels {
            for tap1 in 0..<innerTaps {
              let h = window.offset(0, tap2 / k2[1], inner.window, tap1 / k1[1])
              let w = window.offset(1, tap2 % k2[1], inner.window, tap1 % k1[1])
              let b = inner.filter[(middle * inner.channels + c) * innerTaps + tap1]
              let place = (m * inner.channels + c) * jointTaps + h * joint.kernel[1] + w
              product[place] += a * b
            }
          }
        }
      }
    }
  }

  /// The sum with another convolution of the same stride between the same images.
  func plus(_ other: FoldedConvolution) -> FoldedConvolution? {
    guard channels == other.channels, filters == other.filters, extent == other.extent,
      outputExtent == other.outputExtent, window.strides == other.window.strides
    else { return nil }
    let joint = window.union(other.window, extent: extent, output: outputExtent)
    let high = max(exponent, other.exponent)
    var sum = Array(
      repeating: 0.0, count: filters * channels * joint.kernel[0] * joint.kernel[1])
    var sizes = UpperBound.zero
    var errors = UpperBound.zero
    for part in [self, other] {
      guard part.exponent - high > -900 else { return nil }
      let factor = Double(sign: .plus, exponent: part.exponent - high, significand: 1)
      part.place(in: joint, times: factor, &sum)
      sizes = sizes + part.block.magnitude * UpperBound(proven: factor)
      errors = errors + part.error * UpperBound(proven: factor)
    }
    let rounding = AccumulatedError.gamma(2) * sizes + UpperBound(proven: 0x1p-900)
    return FoldedConvolution(
      channels: channels, filters: filters, extent: extent, window: joint, filter: sum,
      exponent: high, error: errors + rounding)
  }

  /// A number times the convolution.
  func scaled(by number: Double) -> FoldedConvolution? {
    let size = UpperBound(proven: number.magnitude)
    let rounding = AccumulatedError.gamma(1) * block.magnitude * size
    return FoldedConvolution(
      channels: channels, filters: filters, extent: extent, window: window,
      filter: filter.map { $0 * number }, exponent: exponent, error: error * size + rounding)
  }

  private func place(in joint: ConvolutionWindow, times factor: Double, _ sum: inout [Double]) {
    let taps = window.kernel[0] * window.kernel[1]
    let jointTaps = joint.kernel[0] * joint.kernel[1]
    for pair in 0..<filters * channels {
      for tap in 0..<taps {
        let h =
          tap / window.kernel[1] * window.dilations[0] - window.paddingLow[0] + joint.paddingLow[0]
        let w =
          tap % window.kernel[1] * window.dilations[1] - window.paddingLow[1] + joint.paddingLow[1]
        sum[pair * jointTaps + h * joint.kernel[1] + w] += filter[pair * taps + tap] * factor
      }
    }
  }
}

extension ConvolutionWindow {
  /// The position of the product of two taps in the joint filter along an axis.
  fileprivate func offset(
    _ axis: Int, _ tap: Int, _ inner: ConvolutionWindow, _ innerTap: Int
  ) -> Int {
    innerTap * inner.dilations[axis] + inner.strides[axis] * dilations[axis] * tap
  }

  /// The window of the composition of this convolution, which does not pad, with an inner one.
  ///
  /// The padding at the end is what the last window reads beyond the image. If the last window ends inside
  /// the image, the joint convolution may have more windows than the composition. Its norm is then no
  /// smaller.
  func after(_ inner: ConvolutionWindow, extent: [Int]) -> ConvolutionWindow {
    let middle = inner.outputExtent(extent) ?? [1, 1]
    let output = outputExtent(middle) ?? [1, 1]
    var joint = ConvolutionWindow(kernel: [1, 1], paddingLow: inner.paddingLow)
    for axis in 0..<2 {
      joint.kernel[axis] = offset(axis, kernel[axis] - 1, inner, inner.kernel[axis] - 1) + 1
      joint.strides[axis] = strides[axis] * inner.strides[axis]
      let last = (output[axis] - 1) * joint.strides[axis] + joint.kernel[axis]
      joint.paddingHigh[axis] = max(0, last - extent[axis] - joint.paddingLow[axis])
    }
    return joint
  }

  /// The smallest window with the taps of both.
  fileprivate func union(
    _ other: ConvolutionWindow, extent: [Int], output: [Int]
  ) -> ConvolutionWindow {
    var joint = ConvolutionWindow(kernel: [1, 1], strides: strides)
    for axis in 0..<2 {
      let low = max(paddingLow[axis], other.paddingLow[axis])
      let ends = [self, other].map {
        ($0.kernel[axis] - 1) * $0.dilations[axis] - $0.paddingLow[axis]
      }
      joint.paddingLow[axis] = low
      joint.kernel[axis] = max(ends[0], ends[1]) + low + 1
      let last = (output[axis] - 1) * strides[axis] + joint.kernel[axis]
      joint.paddingHigh[axis] = max(0, last - extent[axis] - low)
    }
    return joint
  }
}
