import FileFormats

/// The windows of a convolution or pooling over the axes behind the channels.
struct Window {
  let kernel: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// Elements added before each axis.
  let low: [Int]
  /// Elements added behind each axis.
  let high: [Int]

  /// - Parameter sample: the shape of a sample with its channels, for padding that depends on it; nil where
  ///   that is not allowed.
  init(
    _ node: ONNXNode, kernel: [Int], over sample: [Int]?
  ) throws(NetworkImport.Fault) {
    let axes = kernel.count
    self.kernel = kernel
    strides = node.integers("strides") ?? Array(repeating: 1, count: axes)
    dilations = node.integers("dilations") ?? Array(repeating: 1, count: axes)
    let limits = 1...(1 << 15)
    guard (1...2).contains(axes), [strides, dilations].allSatisfy({ $0.count == axes }),
      (kernel + strides + dilations).allSatisfy(limits.contains)
    else {
      throw NetworkImport.Fault(
        "windows over one or two axes are required, found kernel \(kernel.shapeText), strides "
          + "\(strides.shapeText), dilations \(dilations.shapeText)")
    }
    let pads = try Self.pads(node, kernel, strides, dilations, sample)
    guard pads.allSatisfy((0...(1 << 15)).contains) else {
      throw NetworkImport.Fault("'pads' must not be negative, found \(pads.shapeText)")
    }
    (low, high) = (Array(pads.prefix(axes)), Array(pads.suffix(axes)))
  }

  private static func pads(
    _ node: ONNXNode, _ kernel: [Int], _ strides: [Int], _ dilations: [Int], _ sample: [Int]?
  ) throws(NetworkImport.Fault) -> [Int] {
    let none = Array(repeating: 0, count: 2 * kernel.count)
    let rule = node.text("auto_pad", default: "NOTSET")
    switch rule {
    case "NOTSET", "":
      let pads = node.integers("pads") ?? none
      guard pads.count == none.count else {
        throw NetworkImport.Fault("'pads' must have \(none.count) numbers, found \(pads.count)")
      }
      return pads
    case "VALID": return none
    case "SAME_UPPER", "SAME_LOWER":
      guard let sample else { throw NetworkImport.Fault("'auto_pad' must be left out") }
      let totals = kernel.indices.map { axis in
        let steps = (sample[axis + 1] + strides[axis] - 1) / strides[axis] - 1
        let reach = steps * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
        return max(0, reach - sample[axis + 1])
      }
      let (less, more) = (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
      return rule == "SAME_UPPER" ? less + more : more + less
    default:
      throw NetworkImport.Fault("'auto_pad' is '\(rule)', which lmtc does not know")
    }
  }

  var isSymmetric: Bool { low == high }
  var unitSteps: [Int] { kernel.map { _ in 1 } }

  /// Keys of a layer; without its padding where zeros are added before it.
  ///
  /// - Parameter stride: the layer's default.
  func keys(isPadded: Bool, stride: [Int]) -> [(String, String)] {
    var keys = [("kernel", kernel.flowText)]
    if strides != stride { keys.append(("stride", strides.flowText)) }
    if isPadded, low.contains(where: { $0 > 0 }) { keys.append(("padding", low.flowText)) }
    if dilations.contains(where: { $0 > 1 }) { keys.append(("dilation", dilations.flowText)) }
    return keys
  }

  /// The extents of the result over a sample with its channels.
  func extents(over sample: [Int]) throws(NetworkImport.Fault) -> [Int] {
    let extents = kernel.indices.map { axis in
      let room =
        sample[axis + 1] + low[axis] + high[axis] - (kernel[axis] - 1) * dilations[axis] - 1
      return room < 0 ? 0 : room / strides[axis] + 1
    }
    guard !extents.contains(0) else {
      throw NetworkImport.Fault("the window is larger than the sample \(sample.shapeText)")
    }
    return extents
  }

  /// The extents of the result of a transposed convolution.
  func transposedExtents(
    over sample: [Int], extra: [Int]
  ) throws(NetworkImport.Fault) -> [Int] {
    kernel.indices.map { axis in
      (sample[axis + 1] - 1) * strides[axis] - low[axis] - high[axis]
        + (kernel[axis] - 1) * dilations[axis] + extra[axis] + 1
    }
  }
}
