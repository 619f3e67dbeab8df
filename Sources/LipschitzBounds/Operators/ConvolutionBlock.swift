import Enclosure
import TensorGraph

/// The zero-padded cross-correlation of one group: C channels of H×W to M filters.
///
/// Arguments and images are in the order (h, w, channel), which keeps Gram matrices banded.
struct ConvolutionBlock: LinearBlock {
  let channels: Int
  let filters: Int
  /// [H, W].
  let extent: [Int]
  /// [H′, W′].
  let outputExtent: [Int]
  /// Geometry; its groups are not used.
  let window: ConvolutionWindow
  /// By tap, then filter, then channel.
  let taps: [[Double]]
  let magnitude: UpperBound

  /// A block from a filter [M, C, kh, kw].
  init(
    channels: Int, filters: Int, extent: [Int], outputExtent: [Int], window: ConvolutionWindow,
    filter: [Double]
  ) {
    let tapCount = window.kernel[0] * window.kernel[1]
    precondition(filter.count == filters * channels * tapCount)
    self.channels = channels
    self.filters = filters
    self.extent = extent
    self.outputExtent = outputExtent
    self.window = window
    var taps = Array(
      repeating: Array(repeating: 0.0, count: filters * channels), count: tapCount)
    var (filterSums, channelSums) = (
      Array(repeating: 0.0, count: filters), Array(repeating: 0.0, count: channels)
    )
    for m in 0..<filters {
      for c in 0..<channels {
        for k in 0..<tapCount {
          let coefficient = filter[(m * channels + c) * tapCount + k]
          taps[k][m * channels + c] = coefficient
          filterSums[m] += coefficient.magnitude
          channelSums[c] += coefficient.magnitude
        }
      }
    }
    self.taps = taps
    magnitude =
      (UpwardSum.bound(filterSums.max() ?? 0, count: channels * tapCount)
      * UpwardSum.bound(channelSums.max() ?? 0, count: filters * tapCount)).squareRoot()
  }

  var rows: Int { filters * outputExtent[0] * outputExtent[1] }
  var columns: Int { channels * extent[0] * extent[1] }
  var terms: Int { max(channels, filters) * taps.count }

  /// The input index of a window's tap along an axis, nil in the padding.
  func source(_ axis: Int, _ position: Int, _ tap: Int) -> Int? {
    let index =
      position * window.strides[axis] + tap * window.dilations[axis] - window.paddingLow[axis]
    return index >= 0 && index < extent[axis] ? index : nil
  }

  func forward(_ x: [Double]) -> [Double] {
    var y = Array(repeating: 0.0, count: rows)
    visit { output, input, tap in
      for m in 0..<filters {
        y[output * filters + m] += tap.withUnsafeBufferPointer { tap in
          x.withUnsafeBufferPointer { x in
            guard let p = tap.baseAddress, let q = x.baseAddress else { return 0 }
            return VectorKernels.dot(p + m * channels, q + input * channels, channels)
          }
        }
      }
    }
    return y
  }

  func adjoint(_ y: [Double]) -> [Double] {
    var x = Array(repeating: 0.0, count: columns)
    visit { output, input, tap in
      tap.withUnsafeBufferPointer { tap in
        x.withUnsafeMutableBufferPointer { x in
          guard let p = tap.baseAddress, let q = x.baseAddress else { return }
          for m in 0..<filters {
            VectorKernels.add(
              y[output * filters + m], p + m * channels, to: q + input * channels, channels)
          }
        }
      }
    }
    return x
  }

  /// Every (output position, input position, tap) that meets.
  private func visit(_ body: (Int, Int, [Double]) -> Void) {
    for h in 0..<outputExtent[0] {
      for kh in 0..<window.kernel[0] {
        guard let qh = source(0, h, kh) else { continue }
        for w in 0..<outputExtent[1] {
          for kw in 0..<window.kernel[1] {
            guard let qw = source(1, w, kw) else { continue }
            body(
              h * outputExtent[1] + w, qh * extent[1] + qw, taps[kh * window.kernel[1] + kw])
          }
        }
      }
    }
  }
}
