import Execution
import TensorGraph

/// The extents of one convolution: x [N, C, H, W], filter [M, C/groups, kh, kw], y [N, M, H', W'].
struct ConvolutionGeometry: Hashable, Sendable {
  let batch, channels, height, width: Int
  let filters, outHeight, outWidth: Int
  let window: ConvolutionWindow

  /// Takes the extents from the shapes of x and y.
  init(x: [Int], y: [Int], _ window: ConvolutionWindow) {
    (batch, channels, height, width) = (x[0], x[1], x[2], x[3])
    (filters, outHeight, outWidth) = (y[1], y[2], y[3])
    self.window = window
  }

  /// [N, C, H, W].
  var xShape: [Int] { [batch, channels, height, width] }
  /// [M, C/groups, kh, kw].
  var filterShape: [Int] { [filters, groupChannels] + window.kernel }
  /// [N, M, H', W'].
  var yShape: [Int] { [batch, filters, outHeight, outWidth] }
  /// Channels a group.
  var groupChannels: Int { channels / window.groups }
  /// Filters a group.
  var groupFilters: Int { filters / window.groups }
  /// Elements of one patch of a group.
  var patch: Int { groupChannels * window.kernel[0] * window.kernel[1] }
  /// Positions of the result.
  var positions: Int { outHeight * outWidth }
  /// Elements of an input image.
  var imageCount: Int { channels * height * width }
  /// Elements of a result image.
  var resultCount: Int { filters * positions }
  /// What one of the three products takes, all of which have the same terms.
  func work(_ direction: ConvolutionDirection) -> StepWork {
    let terms = batch * filters * positions * patch
    let (x, y, filter) = (batch * imageCount, batch * resultCount, filters * patch)
    return switch direction {
    case .forward: StepWork(operations: 2 * terms, elementsRead: x + filter, elementsWritten: y)
    case .inputGradient:
      StepWork(operations: 2 * terms, elementsRead: y + filter, elementsWritten: x)
    case .filterGradient:
      StepWork(operations: 2 * terms, elementsRead: x + y, elementsWritten: filter)
    }
  }
  /// `1×28×28 → 32×14×14, 4×4`.
  var text: String {
    "\(batch) × \(channels)×\(height)×\(width) → \(filters)×\(outHeight)×\(outWidth), "
      + "\(window.kernel[0])×\(window.kernel[1])"
  }

  /// Writes the patches of one group's channels as columns: [patch, positions].
  func unfold(_ image: Elements, into columns: Elements) {
    forEachTap { row, channel, top, left in
      let plane = image + channel &* (height &* width)
      let target = columns + row &* positions
      let inside = insideRange(left)
      for i in 0..<outHeight {
        let line = target + i &* outWidth
        let y = i &* window.strides[0] &+ top
        if y < 0 || y >= height {
          Self.clear(line, 0..<outWidth)
          continue
        }
        Self.clear(line, 0..<inside.lowerBound)
        Self.copy(plane + (y &* width &+ left), to: line, inside, step: window.strides[1])
        Self.clear(line, inside.upperBound..<outWidth)
      }
    }
  }

  /// Adds columns back to their original positions: the adjoint of ``unfold(_:into:)``.
  func fold(_ columns: Elements, into image: Elements) {
    let step = window.strides[1]
    forEachTap { row, channel, top, left in
      let plane = image + channel &* (height &* width)
      let source = columns + row &* positions
      let inside = insideRange(left)
      for i in 0..<outHeight {
        let y = i &* window.strides[0] &+ top
        if y < 0 || y >= height { continue }
        let line = source + i &* outWidth
        let target = plane + (y &* width &+ left)
        var j = inside.lowerBound
        while j < inside.upperBound {
          target[j &* step] += line[j]
          j &+= 1
        }
      }
    }
  }

  @inline(__always)
  private func forEachTap(_ body: (_ row: Int, _ channel: Int, _ top: Int, _ left: Int) -> Void) {
    var row = 0
    for channel in 0..<groupChannels {
      for i in 0..<window.kernel[0] {
        for j in 0..<window.kernel[1] {
          body(
            row, channel, i &* window.dilations[0] &- window.paddingLow[0],
            j &* window.dilations[1] &- window.paddingLow[1])
          row &+= 1
        }
      }
    }
  }

  /// The result columns whose tap at horizontal offset `left` falls inside the image.
  @inline(__always)
  private func insideRange(_ left: Int) -> Range<Int> {
    let step = window.strides[1]
    let first = left >= 0 ? 0 : (step - 1 - left) / step
    let last = width - 1 - left < 0 ? 0 : (width - 1 - left) / step + 1
    let low = min(first, outWidth)
    return low..<max(low, min(outWidth, last))
  }

  // Lines are short: calling memset and memcpy costs more than a loop.

  @inline(__always)
  private static func clear(_ line: Elements, _ range: Range<Int>) {
    var j = range.lowerBound
    while j &+ Lanes.scalarCount <= range.upperBound {
      Lanes.zero.store(line + j)
      j &+= Lanes.scalarCount
    }
    while j < range.upperBound {
      line[j] = 0
      j &+= 1
    }
  }

  @inline(__always)
  private static func copy(
    _ source: Elements, to line: Elements, _ range: Range<Int>, step: Int
  ) {
    var j = range.lowerBound
    if step == 1 {
      while j &+ Lanes.scalarCount <= range.upperBound {
        Lanes.load(source + j).store(line + j)
        j &+= Lanes.scalarCount
      }
    } else if step == 2 {
      // The odd element after the last one of a vector is there as long as another one follows.
      while j &+ Lanes.scalarCount < range.upperBound {
        let pairs = UnsafeRawPointer(source + 2 &* j).loadUnaligned(as: SIMD16<Float>.self)
        pairs.evenHalf.store(line + j)
        j &+= Lanes.scalarCount
      }
    }
    while j < range.upperBound {
      line[j] = source[j &* step]
      j &+= 1
    }
  }
}
