import TensorGraph

/// Interval arithmetic for sums and sums of products.
///
/// For operands with midpoints m, w and half-widths r, s, the exact Σ w·x differs from the computed Σ w·m by
/// at most Σ (|w|·r + s·(|m| + r)) plus the rounding error γₙ Σ |w·m|. This radius is a sum of non-negative
/// numbers, so enlarging it by a few γₙ covers its own rounding.
enum LinearEnclosure {
  static func evaluate(_ node: Node, _ operands: [IntervalTensor]) -> IntervalTensor {
    switch node.operation {
    case .dot(let left, let right):
      return dot(operands[0], operands[1], left, right, node.type)
    case .convolution(let window):
      return convolution(operands[0], operands[1], window, node.type)
    case .sumPool(let window):
      let one = IntervalTensor(TensorType([1]), lanes: 1, exactly: [1])
      let terms = window.kernel[0] * window.kernel[1]
      var sum = ProductSum(operands[0], one, node.type, terms: terms)
      forEachCoordinate(of: node.type.shape) { index, coordinate in
        for tap in MovementEnclosure.windowTaps(window, coordinate, operands[0].type.shape) {
          sum.add(tap, 0)
        }
        sum.store(index)
      }
      return sum.result
    case .convolutionInputGradient(let window):
      return adjointConvolution(operands[0], operands[1], window, node.type)
    case .convolutionFilterGradient, .sumPoolGradient:
      preconditionFailure("\(node.operation.name) does not occur in prediction graphs")
    default:
      preconditionFailure("\(node.operation.name) is not a sum of products")
    }
  }

  static func reduce(
    _ x: IntervalTensor, _ fold: Operation.Reduction, _ axes: [Int], _ type: TensorType
  ) -> IntervalTensor {
    let keptAxes = x.type.shape.indices.filter { !axes.contains($0) }
    let strides = rowMajorStrides(type.shape)
    var members = Array(repeating: [Int](), count: type.count)
    forEachCoordinate(of: x.type.shape) { index, coordinate in
      members[zip(keptAxes, strides).reduce(0) { $0 + coordinate[$1.0] * $1.1 }].append(index)
    }
    switch fold {
    case .sum:
      let one = IntervalTensor(TensorType([1]), lanes: 1, exactly: [1])
      var sum = ProductSum(x, one, type, terms: members.map(\.count).max() ?? 0)
      for (index, group) in members.enumerated() {
        for member in group { sum.add(member, 0) }
        sum.store(index)
      }
      return sum.result
    case .maximum:
      var result = IntervalTensor(type, lanes: x.lanes)
      for (index, group) in members.enumerated() {
        for lane in 0..<x.lanes {
          let positions = group.map { x.position($0, lane) }
          result.lower[result.position(index, lane)] = positions.reduce(-.infinity) {
            maxOrNaN($0, x.lower[$1])
          }
          result.upper[result.position(index, lane)] = positions.reduce(-.infinity) {
            maxOrNaN($0, x.upper[$1])
          }
        }
      }
      return result
    }
  }

  private static func dot(
    _ a: IntervalTensor, _ b: IntervalTensor, _ left: Bool, _ right: Bool, _ type: TensorType
  ) -> IntervalTensor {
    let inner = left ? a.type.shape[0] : a.type.shape[1]
    let (aRow, aInner) = left ? (1, a.type.shape[1]) : (a.type.shape[1], 1)
    let (bInner, bColumn) = right ? (1, b.type.shape[1]) : (b.type.shape[1], 1)
    let isLeftShared = a.lanes == 1
    var sum =
      isLeftShared
      ? ProductSum(b, a, type, terms: inner) : ProductSum(a, b, type, terms: inner)
    for row in 0..<type.shape[0] {
      for column in 0..<type.shape[1] {
        for k in 0..<inner {
          let i = row * aRow + k * aInner
          let j = k * bInner + column * bColumn
          if isLeftShared { sum.add(j, i) } else { sum.add(i, j) }
        }
        sum.store(row * type.shape[1] + column)
      }
    }
    return sum.result
  }

  private static func convolution(
    _ x: IntervalTensor, _ filter: IntervalTensor, _ window: ConvolutionWindow, _ type: TensorType
  ) -> IntervalTensor {
    let (height, width) = (x.type.shape[2], x.type.shape[3])
    let channels = filter.type.shape[1]
    let (kh, kw) = (window.kernel[0], window.kernel[1])
    let filtersPerGroup = type.shape[1] / window.groups
    var sum = ProductSum(x, filter, type, terms: channels * kh * kw)
    forEachCoordinate(of: type.shape) { index, at in
      let first = at[0] * x.type.shape[1] + at[1] / filtersPerGroup * channels
      for row in 0..<kh {
        let y = at[2] * window.strides[0] + row * window.dilations[0] - window.paddingLow[0]
        guard (0..<height).contains(y) else { continue }
        for column in 0..<kw {
          let z = at[3] * window.strides[1] + column * window.dilations[1] - window.paddingLow[1]
          guard (0..<width).contains(z) else { continue }
          for channel in 0..<channels {
            sum.add(
              ((first + channel) * height + y) * width + z,
              ((at[1] * channels + channel) * kh + row) * kw + column)
          }
        }
      }
      sum.store(index)
    }
    return sum.result
  }

  /// Each element of the result is a sum over the windows of dy [N, M, H′, W′] that read its position.
  private static func adjointConvolution(
    _ dy: IntervalTensor, _ filter: IntervalTensor, _ window: ConvolutionWindow, _ type: TensorType
  ) -> IntervalTensor {
    let (height, width) = (dy.type.shape[2], dy.type.shape[3])
    let (kh, kw) = (window.kernel[0], window.kernel[1])
    let channels = filter.type.shape[1]
    let filters = filter.type.shape[0] / window.groups
    var sum = ProductSum(dy, filter, type, terms: filters * kh * kw)
    forEachCoordinate(of: type.shape) { index, at in
      let first = at[1] / channels * filters
      for row in 0..<kh {
        guard let y = window.position(reading: at[2], tap: row, axis: 0, of: height) else {
          continue
        }
        for column in 0..<kw {
          guard let z = window.position(reading: at[3], tap: column, axis: 1, of: width) else {
            continue
          }
          for m in first..<first + filters {
            sum.add(
              ((at[0] * dy.type.shape[1] + m) * height + y) * width + z,
              ((m * channels + at[1] % channels) * kh + row) * kw + column)
          }
        }
      }
      sum.store(index)
    }
    return sum.result
  }
}

extension ConvolutionWindow {
  /// The window among `count` whose tap reads an index of the image, if there is one.
  fileprivate func position(reading place: Int, tap: Int, axis: Int, of count: Int) -> Int? {
    let offset = place + paddingLow[axis] - tap * dilations[axis]
    guard offset >= 0, offset % strides[axis] == 0, offset / strides[axis] < count else {
      return nil
    }
    return offset / strides[axis]
  }
}
