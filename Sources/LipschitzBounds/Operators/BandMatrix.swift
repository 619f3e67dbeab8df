/// A symmetric matrix whose entries farther than `bandwidth` from the diagonal are 0; the lower triangle
/// is stored by rows.
///
/// Four rows share a first column, so that blocks of four rows can be multiplied together: row i starts
/// at column max(0, 4⌊i/4⌋ − bandwidth), and elements outside the band are stored as 0.
struct BandMatrix: Sendable {
  let layout: BandLayout
  var elements: [Double]

  /// The zero matrix.
  init(order: Int, bandwidth: Int) {
    layout = BandLayout(order: order, bandwidth: min(bandwidth, max(order - 1, 0)))
    elements = Array(repeating: 0, count: order * layout.stride)
  }

  var order: Int { layout.order }

  func diagonal(_ row: Int) -> Double { elements[layout.offset(row, row)] }

  /// M x.
  func times(_ x: [Double]) -> [Double] {
    precondition(x.count == order)
    var y = Array(repeating: 0.0, count: order)
    elements.withUnsafeBufferPointer { m in
      x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
          guard let m = m.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          for i in 0..<order {
            let first = layout.origin(i)
            let row = m + i * layout.stride
            let count = i - first
            y[i] += VectorKernels.dot(row, x + first, count + 1)
            VectorKernels.add(x[i], row, to: y + first, count)
          }
        }
      }
    }
    return y
  }

  /// The largest sum of magnitudes along a row, rounded to nearest: ‖M‖ is at most this sum times
  /// 1 + γₙ, n the ``order``.
  var largestRowSum: Double {
    var sums = Array(repeating: 0.0, count: order)
    for i in 0..<order {
      for j in layout.origin(i)..<i {
        let magnitude = elements[layout.offset(i, j)].magnitude
        sums[i] += magnitude
        sums[j] += magnitude
      }
      sums[i] += diagonal(i).magnitude
    }
    return sums.max() ?? 0
  }
}

/// The positions of the elements of a ``BandMatrix``.
struct BandLayout: Sendable {
  let order: Int
  let bandwidth: Int

  /// The distance from one row to the next, in elements.
  var stride: Int { bandwidth + 4 }

  /// The column of the first stored element of a row.
  @inline(__always)
  func origin(_ row: Int) -> Int { max(0, (row & ~3) - bandwidth) }

  /// The position of element (row, column), for column ≤ row and inside the stored part.
  @inline(__always)
  func offset(_ row: Int, _ column: Int) -> Int { row * stride + column - origin(row) }
}
