extension Operation {
  func broadcastType(
    _ x: TensorType, _ axes: [Int], _ result: TensorType
  ) throws(TypeFault) -> TensorType {
    let increasing = zip(axes, axes.dropFirst()).allSatisfy { $0 < $1 }
    let fits =
      axes.count == x.rank && axes.allSatisfy { (0..<result.rank).contains($0) }
      && zip(x.shape, axes).allSatisfy { $0 == result.shape[$1] }
    try require(increasing && fits, "broadcast of \(x) to \(result) by \(axes)")
    return result
  }

  func sliceType(
    _ x: TensorType, _ starts: [Int], _ limits: [Int], _ strides: [Int]
  ) throws(TypeFault) -> TensorType {
    let rank = x.rank
    try require(
      starts.count == rank && limits.count == rank && strides.count == rank,
      "slice of \(x) by \(starts), \(limits), \(strides)")
    var shape: [Int] = []
    for axis in 0..<rank {
      try require(
        0 <= starts[axis] && starts[axis] <= limits[axis] && limits[axis] <= x.shape[axis]
          && strides[axis] > 0, "slice of \(x) from \(starts) to \(limits) by \(strides)")
      shape.append((limits[axis] - starts[axis] + strides[axis] - 1) / strides[axis])
    }
    return TensorType(shape)
  }

  func padType(
    _ x: TensorType, _ low: [Int], _ high: [Int], _ interior: [Int]
  ) throws(TypeFault) -> TensorType {
    let rank = x.rank
    try require(
      low.count == rank && high.count == rank && interior.count == rank
        && (low + high + interior).allSatisfy { $0 >= 0 },
      "pad of \(x) by \(low), \(high), \(interior)")
    return TensorType(
      (0..<rank).map { low[$0] + x.shape[$0] + high[$0] + max(0, x.shape[$0] - 1) * interior[$0] })
  }

  func concatenateType(
    _ operands: [TensorType], _ axis: Int
  ) throws(TypeFault) -> TensorType {
    var shape = operands[0].shape
    try require(shape.indices.contains(axis), "concatenate of \(operands) along axis \(axis)")
    for operand in operands.dropFirst() {
      var other = operand.shape
      try require(other.count == shape.count, "concatenate of \(operands) along axis \(axis)")
      shape[axis] += other[axis]
      other[axis] = shape[axis]
      try require(other == shape, "concatenate of \(operands) along axis \(axis)")
    }
    return TensorType(shape)
  }

  func dotType(
    _ a: TensorType, _ b: TensorType, _ left: Bool, _ right: Bool
  ) throws(TypeFault) -> TensorType {
    try require(a.rank == 2 && b.rank == 2, "dot of \(a) and \(b)")
    let (rows, inner) = left ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (other, columns) = right ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    try require(inner == other, "dot of \(a) and \(b): inner extents \(inner) and \(other)")
    return TensorType([rows, columns])
  }
}
