/// The windows that slide over an image [C, H, W]; a signal [C, L] is an image of height 1.
struct Window {
  let channels: Int
  let axes: Int
  let kernel: [Int]
  private let extent: [Int]
  private let stride: [Int]
  private let dilation: [Int]
  private let low: [Int]
  private let output: [Int]

  /// The elements of a channel.
  var area: Int { extent[0] * extent[1] }
  /// The elements of a window.
  var taps: Int { kernel[0] * kernel[1] }
  /// The number of windows.
  var outputCount: Int { output[0] * output[1] }
  /// The extents of the output, without channels.
  var outputShape: [Int] { Array(output.suffix(axes)) }

  /// Reads kernel, stride, padding and dilation of a layer.
  ///
  /// - Parameter adjoint: the channels of the output, if the layer is the adjoint of a convolution whose
  ///   image is its input.
  init(
    _ layer: LayerSource, axes: Int, isWholeImage: Bool = false, adjoint: Int? = nil
  ) throws(Refusal) {
    let shape = layer.inputs[0]
    guard shape.count == axes + 1 else {
      throw layer.malformed("needs \(axes) axes after channels")
    }
    let image = axes == 1 ? [1] + shape[1...] : Array(shape[1...])
    kernel = try isWholeImage ? image : Self.pair(layer, "kernel", axes, least: 1)
    let isTouching = isWholeImage ? true : try layer.keys("stride").isWord("kernel")
    stride = try isTouching ? kernel : Self.pair(layer, "stride", axes, least: 1)
    dilation =
      try layer.keys.optional("dilation") == nil
      ? [1, 1] : Self.pair(layer, "dilation", axes, least: 1)
    let span = [dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1]
    var (low, high) = ([0, 0], [0, 0])
    if !isWholeImage, try layer.keys("padding").isWord("same") {
      for axis in 0..<2 {
        let count = (image[axis] + stride[axis] - 1) / stride[axis]
        let total = max(0, (count - 1) * stride[axis] + span[axis] - image[axis])
        (low[axis], high[axis]) = (total / 2, total - total / 2)
      }
    } else if !isWholeImage {
      low = try Self.pair(layer, "padding", axes, least: 0)
      high = low
    }
    let extra = try adjoint == nil ? [0, 0] : Self.pair(layer, "output_padding", axes, least: 0)
    var (extent, output) = (image, image)
    for axis in 0..<2 {
      if adjoint != nil {
        extent[axis] =
          (image[axis] - 1) * stride[axis] + extra[axis] + span[axis] - low[axis] - high[axis]
      }
      let room = extent[axis] + low[axis] + high[axis] - span[axis]
      guard extent[axis] > 0, room >= 0 else {
        throw layer.malformed("has a window larger than its input")
      }
      output[axis] = room / stride[axis] + 1
    }
    (channels, self.axes) = (adjoint ?? shape[0], axes)
    (self.extent, self.output, self.low) = (extent, output, low)
    guard adjoint == nil || output == image, outputCount <= Network.mostElements,
      taps <= Network.mostElements, area <= Network.mostElements / channels,
      channels * outputCount <= layer.mostReads / taps
    else {
      throw layer.malformed("has too many windows")
    }
  }

  /// One number for both axes or one for each, with 1 or 0 for the height of a signal.
  private static func pair(
    _ layer: LayerSource, _ key: String, _ axes: Int, least: Int
  ) throws(Refusal) -> [Int] {
    var numbers = try LayerSource.integers(try layer.keys(key))
    if numbers.count == 1 { numbers = Array(repeating: numbers[0], count: axes) }
    guard numbers.count == axes, numbers.allSatisfy({ (least...(1 << 16)).contains($0) }) else {
      throw layer.malformed("needs '\(key)', \(axes) integers from \(least)")
    }
    return axes == 1 ? [least == 0 ? 0 : 1] + numbers : numbers
  }

  /// Where each tap reads, from the place of a window on.
  var offsets: [[Int]] {
    (0..<taps).map { tap in
      [
        tap / kernel[1] * dilation[0] - low[0], tap % kernel[1] * dilation[1] - low[1],
      ]
    }
  }

  /// A convolution of the image with filters [M, C/groups, taps].
  func stencil(filters: Int, groups: Int, _ weight: [Double]) -> Stencil {
    let count = taps
    return Stencil(
      input: [channels] + extent, output: [filters] + output, stride: stride, groups: groups,
      taps: offsets.enumerated().map { tap, offset in
        Stencil.Tap(
          offset: offset,
          matrix: (0..<weight.count / count).map { weight[$0 * count + tap] })
      })
  }

  /// For each window the places in a channel that it reads.
  var places: [[Int]] {
    (0..<outputCount).map { index in
      offsets.compactMap { offset in
        let row = index / output[1] * stride[0] + offset[0]
        let column = index % output[1] * stride[1] + offset[1]
        guard (0..<extent[0]).contains(row), (0..<extent[1]).contains(column) else { return nil }
        return row * extent[1] + column
      }
    }
  }
}
