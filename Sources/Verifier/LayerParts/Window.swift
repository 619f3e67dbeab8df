import Enclosure

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
  init(_ layer: LayerDescription, axes: Int, adjoint: Int? = nil) throws(Refusal) {
    let image = try Self.image(layer, axes)
    let kernel = try Self.pair(layer, "kernel", axes, height: 1)
    let isAdjacent = try layer.keys("stride").isWord("kernel")
    let stride = try isAdjacent ? kernel : Self.pair(layer, "stride", axes, height: 1)
    let dilation =
      try layer.keys.optional("dilation") == nil
      ? [1, 1] : Self.pair(layer, "dilation", axes, height: 1)
    let span = (0..<2).map { dilation[$0] * (kernel[$0] - 1) + 1 }
    let padding = try Self.padding(layer, axes, image, span: span, stride: stride)
    var extent = image
    if adjoint != nil {
      let extra = try Self.pair(layer, "output_padding", axes, height: 0)
      for axis in 0..<2 {
        extent[axis] =
          (image[axis] - 1) * stride[axis] + extra[axis] + span[axis]
          - padding.low[axis] - padding.high[axis]
      }
    }
    try self.init(
      layer, axes: axes, channels: adjoint ?? layer.input[0], kernel: kernel, stride: stride,
      dilation: dilation, extent: extent, low: padding.low,
      rooms: (0..<2).map { extent[$0] + padding.low[$0] + padding.high[$0] - span[$0] })
    guard adjoint == nil || output == image else {
      throw layer.malformed("must have 'output_padding' less than 'stride'")
    }
  }

  /// The one window that is the whole image.
  init(wholeImageOf layer: LayerDescription) throws(Refusal) {
    let image = try Self.image(layer, 2)
    try self.init(
      layer, axes: 2, channels: layer.input[0], kernel: image, stride: image, dilation: [1, 1],
      extent: image, low: [0, 0], rooms: [0, 0])
  }

  /// One window around each pixel of the image, of the extent `kernel`; for even extents the pixel is the one before
  /// the middle.
  init(aroundPixelsOf layer: LayerDescription) throws(Refusal) {
    let (image, kernel) = (
      try Self.image(layer, 2), try Self.pair(layer, "kernel", 2, height: 1)
    )
    try self.init(
      layer, axes: 2, channels: layer.input[0], kernel: kernel, stride: [1, 1], dilation: [1, 1],
      extent: image, low: kernel.map { ($0 - 1) / 2 }, rooms: image.map { $0 - 1 })
  }

  /// `rooms` are the differences of the padded image's and the window's extents.
  private init(
    _ layer: LayerDescription, axes: Int, channels: Int, kernel: [Int], stride: [Int],
    dilation: [Int], extent: [Int], low: [Int], rooms: [Int]
  ) throws(Refusal) {
    guard extent.allSatisfy({ $0 > 0 }), rooms.allSatisfy({ $0 >= 0 }) else {
      throw layer.malformed("has a window larger than its padded input")
    }
    (self.axes, self.channels, self.kernel, self.stride) = (axes, channels, kernel, stride)
    (self.dilation, self.extent, self.low) = (dilation, extent, low)
    output = zip(rooms, stride).map { $0 / $1 + 1 }
    let limit = LayerDescription.elementLimit
    guard outputCount <= limit, taps <= limit, area <= limit / channels,
      channels * outputCount <= layer.mostReads / taps
    else { throw layer.malformed("has too many windows") }
  }

  private static func image(_ layer: LayerDescription, _ axes: Int) throws(Refusal) -> [Int] {
    guard layer.input.count == axes + 1 else {
      throw layer.malformed(
        "must have an input of \(axes + 1) axes, channels first, found \(layer.input)")
    }
    return axes == 1 ? [1] + layer.input[1...] : Array(layer.input[1...])
  }

  /// Rows and columns of zeros before and after the image; `same` gives ⌈extent/stride⌉ windows.
  private static func padding(
    _ layer: LayerDescription, _ axes: Int, _ image: [Int], span: [Int], stride: [Int]
  ) throws(Refusal) -> (low: [Int], high: [Int]) {
    guard try layer.keys("padding").isWord("same") else {
      let amounts = try pair(layer, "padding", axes, height: 0)
      return (amounts, amounts)
    }
    let totals = (0..<2).map { axis in
      let count = (image[axis] + stride[axis] - 1) / stride[axis]
      return max(0, (count - 1) * stride[axis] + span[axis] - image[axis])
    }
    return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
  }

  /// One number for both axes or one for each; the height of a signal is given.
  private static func pair(
    _ layer: LayerDescription, _ key: String, _ axes: Int, height: Int
  ) throws(Refusal) -> [Int] {
    let numbers = try layer.keys(key).integers
    if axes == 1 { return [height, numbers[0]] }
    return numbers.count == 1 ? [numbers[0], numbers[0]] : numbers
  }

  /// Where each tap reads, relative to the window's place.
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

  /// The places in a channel that each window reads.
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

  /// The places that each window of each channel reads.
  var groups: [[Int32]] {
    let places = places
    return (0..<channels).flatMap { channel in
      places.map { $0.map { Int32(channel * area + $0) } }
    }
  }

  /// √n, n the most windows that read one element: bounds the norm of the map from the image to all windows.
  var overlapNorm: UpperBound {
    var uses = Array(repeating: 0, count: area)
    for place in places.joined() { uses[place] += 1 }
    return UpperBound(proven: Double(uses.max() ?? 1)).squareRoot()
  }

  /// The sum of each window of each channel, times a factor.
  func sums(times factor: Double) -> Stencil {
    stencil(
      filters: channels, groups: channels,
      Array(repeating: factor, count: channels * taps))
  }
}
