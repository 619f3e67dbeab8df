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
  init(_ layer: LayerSource, axes: Int, isWholeImage: Bool = false) throws(Refusal) {
    let shape = layer.inputs[0]
    guard shape.count == axes + 1 else {
      throw layer.malformed("needs \(axes) axes after channels")
    }
    func pair(_ key: String, _ least: Int) throws(Refusal) -> [Int] {
      var numbers = try LayerSource.integers(try layer.keys(key))
      if numbers.count == 1 { numbers = Array(repeating: numbers[0], count: axes) }
      guard numbers.count == axes, numbers.allSatisfy({ (least...(1 << 16)).contains($0) }) else {
        throw layer.malformed("needs '\(key)', \(axes) integers from \(least)")
      }
      return axes == 1 ? [least == 0 ? 0 : 1] + numbers : numbers
    }
    (channels, self.axes) = (shape[0], axes)
    extent = axes == 1 ? [1] + shape[1...] : Array(shape[1...])
    let kernel = isWholeImage ? extent : try pair("kernel", 1)
    let isTouching = isWholeImage ? true : try layer.keys("stride").isWord("kernel")
    let stride = isTouching ? kernel : try pair("stride", 1)
    let dilation = try layer.keys.optional("dilation") == nil ? [1, 1] : pair("dilation", 1)
    let span = (0..<2).map { dilation[$0] * (kernel[$0] - 1) + 1 }
    var (low, high) = ([0, 0], [0, 0])
    if !isWholeImage, try layer.keys("padding").isWord("same") {
      for axis in 0..<2 {
        let count = (extent[axis] + stride[axis] - 1) / stride[axis]
        let total = max(0, (count - 1) * stride[axis] + span[axis] - extent[axis])
        (low[axis], high[axis]) = (total / 2, total - total / 2)
      }
    } else if !isWholeImage {
      low = try pair("padding", 0)
      high = low
    }
    var output: [Int] = []
    for axis in 0..<2 {
      let room = extent[axis] + low[axis] + high[axis] - span[axis]
      guard room >= 0 else { throw layer.malformed("has a window larger than its input") }
      output.append(room / stride[axis] + 1)
    }
    (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
    (self.low, self.output) = (low, output)
    guard outputCount <= Network.mostElements, taps <= Network.mostElements,
      channels * outputCount <= LinearMap.mostElements / taps
    else {
      throw layer.malformed("has too many windows")
    }
  }

  /// For each window the taps inside the image and the places in a channel that they read.
  var places: [[(tap: Int, place: Int)]] {
    var result: [[(tap: Int, place: Int)]] = []
    for y in 0..<output[0] {
      for x in 0..<output[1] {
        var window: [(tap: Int, place: Int)] = []
        for tap in 0..<taps {
          let row = y * stride[0] - low[0] + tap / kernel[1] * dilation[0]
          let column = x * stride[1] - low[1] + tap % kernel[1] * dilation[1]
          if (0..<extent[0]).contains(row), (0..<extent[1]).contains(column) {
            window.append((tap, row * extent[1] + column))
          }
        }
        result.append(window)
      }
    }
    return result
  }
}
