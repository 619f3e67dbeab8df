/// The order of a tensor's elements in memory: dense, without padding, as loops over axes or parts of
/// axes.
struct Layout: Hashable, Sendable {
  /// One loop of the memory order.
  struct Dimension: Hashable, Sendable {
    /// The logical axis of the loop.
    var axis: Int
    /// The number of steps.
    var extent: Int
    /// The length of a step along the axis.
    var multiplier: Int
  }

  /// Loops from the slowest to the fastest, none of extent 1.
  let dimensions: [Dimension]

  /// A layout of given loops.
  init(_ dimensions: [Dimension]) {
    var merged: [Dimension] = []
    for dimension in dimensions where dimension.extent != 1 {
      if let outer = merged.last, outer.axis == dimension.axis,
        outer.multiplier == dimension.multiplier * dimension.extent
      {
        merged[merged.count - 1] = Dimension(
          axis: outer.axis, extent: outer.extent * dimension.extent,
          multiplier: dimension.multiplier)
      } else {
        merged.append(dimension)
      }
    }
    self.dimensions = merged
  }

  /// Row-major.
  static func plain(_ shape: [Int]) -> Layout {
    Layout(shape.enumerated().map { Dimension(axis: $0, extent: $1, multiplier: 1) })
  }

  /// The loop nest that walks a view with given strides along the logical axes in this order.
  func nest(strides: [Int]) -> [StridedDimension] {
    dimensions.map { StridedDimension(extent: $0.extent, stride: strides[$0.axis] * $0.multiplier) }
  }

  /// Elements between steps of each loop.
  var physicalStrides: [Int] {
    var strides = Array(repeating: 1, count: dimensions.count)
    for i in stride(from: dimensions.count - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] * dimensions[i + 1].extent
    }
    return strides
  }

  /// The loop nest that walks a tensor of another layout in this one's order.
  func nest(over other: Layout) -> [StridedDimension] {
    var result: [StridedDimension] = []
    for dimension in dimensions {
      result += other.path(
        axis: dimension.axis, extent: dimension.extent, multiplier: dimension.multiplier)
    }
    return result
  }

  /// The strides along an axis for `extent` steps of `multiplier`; both layouts split
  /// axes at multiples of each other.
  private func path(axis: Int, extent: Int, multiplier: Int) -> [StridedDimension] {
    var parts: [StridedDimension] = []
    let (first, limit) = (multiplier, multiplier * extent)
    let candidates = zip(dimensions, physicalStrides).filter { $0.0.axis == axis }
      .sorted { $0.0.multiplier > $1.0.multiplier }
    for (dimension, stride) in candidates {
      let end = dimension.multiplier * dimension.extent
      let (low, high) = (max(first, dimension.multiplier), min(limit, end))
      if low >= high { continue }
      parts.append(
        StridedDimension(extent: high / low, stride: stride * (low / dimension.multiplier)))
    }
    return parts
  }

  /// The loops as letters of the axes with block sizes: `abcd` is row-major, `abcd8b` has blocks of
  /// eight channels.
  var text: String {
    let letters = Array("abcdefghijkl")
    return dimensions.enumerated().map { index, dimension in
      let isBlock = dimensions[..<index].contains { $0.axis == dimension.axis }
      return (isBlock ? "\(dimension.extent)" : "") + String(letters[dimension.axis])
    }.joined()
  }
}

/// The strides of a row-major tensor.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for i in stride(from: shape.count - 2, through: 0, by: -1) {
    strides[i] = strides[i + 1] * shape[i + 1]
  }
  return strides
}
