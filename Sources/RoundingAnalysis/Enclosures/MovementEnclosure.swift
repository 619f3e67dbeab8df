import TensorGraph

/// Interval arithmetic for the operations that only move elements, and for max pooling.
enum MovementEnclosure {
  static func evaluate(_ node: Node, _ operands: [IntervalTensor]) -> IntervalTensor {
    switch node.operation {
    case .broadcast(let axes):
      return gather(operands[0], node.type) { coordinate, strides in
        axes.indices.reduce(0) { $0 + coordinate[axes[$1]] * strides[$1] }
      }
    case .transpose(let permutation):
      return gather(operands[0], node.type) { coordinate, strides in
        permutation.indices.reduce(0) { $0 + coordinate[$1] * strides[permutation[$1]] }
      }
    case .slice(let starts, _, let steps):
      return gather(operands[0], node.type) { coordinate, strides in
        coordinate.indices.reduce(0) {
          $0 + (starts[$1] + coordinate[$1] * steps[$1]) * strides[$1]
        }
      }
    case .pad(let low, _, let interior):
      let extents = operands[0].type.shape
      return gather(operands[0], node.type) { coordinate, strides in
        var index = 0
        for axis in coordinate.indices {
          let offset = coordinate[axis] - low[axis]
          let step = interior[axis] + 1
          guard offset >= 0, offset % step == 0, offset / step < extents[axis] else { return nil }
          index += offset / step * strides[axis]
        }
        return index
      }
    case .concatenate(let axis):
      return concatenate(operands, axis, node.type)
    default:
      preconditionFailure("\(node.operation.name) does not only move elements")
    }
  }

  /// Copies elements; nil stands for zero.
  private static func gather(
    _ x: IntervalTensor, _ type: TensorType, from source: ([Int], [Int]) -> Int?
  ) -> IntervalTensor {
    var result = IntervalTensor(type, lanes: x.lanes)
    let strides = rowMajorStrides(x.type.shape)
    forEachCoordinate(of: type.shape) { index, coordinate in
      guard let origin = source(coordinate, strides) else { return }
      copy(x, origin, to: &result, index)
    }
    return result
  }

  private static func copy(
    _ x: IntervalTensor, _ origin: Int, to result: inout IntervalTensor, _ index: Int
  ) {
    for lane in 0..<result.lanes {
      let position = result.position(index, lane)
      result.lower[position] = x.lower[x.position(origin, lane)]
      result.upper[position] = x.upper[x.position(origin, lane)]
    }
  }

  private static func concatenate(
    _ operands: [IntervalTensor], _ axis: Int, _ type: TensorType
  ) -> IntervalTensor {
    var result = IntervalTensor(type, lanes: operands.map(\.lanes).max() ?? 1)
    let inner = type.shape[(axis + 1)...].reduce(1, *)
    var offset = 0
    for operand in operands {
      let extent = operand.type.shape[axis] * inner
      for index in 0..<operand.type.count {
        let target = index / extent * type.shape[axis] * inner + offset + index % extent
        copy(operand, index, to: &result, target)
      }
      offset += extent
    }
    return result
  }

  /// For each window, the elements of t at whose position x may be the largest.
  static func maxPool(
    _ x: IntervalTensor, _ t: IntervalTensor, _ window: PoolWindow, _ type: TensorType
  ) -> IntervalTensor {
    var result = IntervalTensor(type, lanes: max(x.lanes, t.lanes))
    forEachCoordinate(of: type.shape) { index, coordinate in
      let taps = windowTaps(window, coordinate, x.type.shape)
      for lane in 0..<result.lanes {
        // Every element of t in the window whose x may be the largest can be selected.
        let floor = taps.reduce(-Double.infinity) {
          maxOrNaN($0, x.lower[x.position($1, lane)])
        }
        var (low, high) = (Double.infinity, -Double.infinity)
        for tap in taps where !(x.upper[x.position(tap, lane)] < floor) {
          low = minOrNaN(low, t.lower[t.position(tap, lane)])
          high = maxOrNaN(high, t.upper[t.position(tap, lane)])
        }
        result.lower[result.position(index, lane)] = low
        result.upper[result.position(index, lane)] = high
      }
    }
    return result
  }

  /// The elements of [N, C, H, W] under a window.
  static func windowTaps(_ window: PoolWindow, _ coordinate: [Int], _ shape: [Int]) -> [Int] {
    let strides = rowMajorStrides(shape)
    let base = coordinate[0] * strides[0] + coordinate[1] * strides[1]
    var taps: [Int] = []
    for row in 0..<window.kernel[0] {
      let y = coordinate[2] * window.strides[0] + row - window.paddingLow[0]
      guard (0..<shape[2]).contains(y) else { continue }
      for column in 0..<window.kernel[1] {
        let x = coordinate[3] * window.strides[1] + column - window.paddingLow[1]
        if (0..<shape[3]).contains(x) { taps.append(base + y * strides[2] + x) }
      }
    }
    return taps
  }
}
