import MatrixProducts

/// A symmetric matrix whose entries farther than `bandwidth` from the diagonal are 0; the lower triangle
/// is stored by rows.
struct BandMatrix: Sendable {
  let layout: BandLayout
  var elements: [Double]

  /// The zero matrix.
  init(order: Int, bandwidth: Int) {
    layout = BandLayout(order: order, bandwidth: min(bandwidth, max(order - 1, 0)))
    elements = Array(repeating: 0, count: layout.count)
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
            let row = m + layout.offset(i, first)
            y[i] += row[i - first] * x[i]
            y[i] += VectorKernels.dotAndAdd(row, x + first, x[i], to: y + first, i - first)
          }
        }
      }
    }
    return y
  }

  /// Adds V Vᵀ to a matrix without zeros outside the band; `inner` is the number of V's columns.
  mutating func addProducts(of view: MatrixView, inner: Int, _ workers: Workers) {
    let (layout, order) = (layout, order)
    let share = order < 192 ? order : max(96, order / 16)
    elements.withUnsafeMutableBufferPointer { elements in
      nonisolated(unsafe) let base = elements.baseAddress
      workers.forEach((order + share - 1) / share) { unit in
        guard let base else { return }
        let (from, to) = (unit * share, min(layout.order, (unit + 1) * share))
        MatrixProduct.accumulate(
          view.from(from, 0), view, rows: to - from, columns: to, inner: inner,
          into: base + layout.offset(from, 0), stride: layout.rowStep,
          part: .lower(offset: from))
      }
    }
  }

  /// The largest sum of magnitudes along a row, rounded to nearest: ‖M‖ is at most this sum times
  /// 1 + γₙ, n the ``order``.
  var largestRowSum: Double {
    var sums = Array(repeating: 0.0, count: order)
    elements.withUnsafeBufferPointer { m in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let m = m.baseAddress, let sums = sums.baseAddress else { return }
        for i in 0..<order {
          let first = layout.origin(i)
          let row = m + layout.offset(i, first)
          let before = VectorKernels.sums(row, magnitudesTo: sums + first, i - first).magnitudes
          sums[i] += before + row[i - first].magnitude
        }
      }
    }
    return sums.max() ?? 0
  }
}

/// The positions of the elements of a ``BandMatrix``.
///
/// Element (i, j) is at i·``rowStep`` + j plus a constant, so every part inside the band is a matrix with
/// rows at equal distances. ``lead`` zeros precede each row, so that a panel of columns can be read for all
/// rows that have an element in it. ``tail`` elements follow it, which a product of the lower triangle may
/// overwrite.
struct BandLayout: Sendable {
  let order: Int
  let bandwidth: Int
  /// The columns that a factorization eliminates at once.
  let panel: Int

  private static let tail = 24

  init(order: Int, bandwidth: Int) {
    (self.order, self.bandwidth) = (order, bandwidth)
    panel = bandwidth < 96 ? 16 : 64
  }

  private var lead: Int { panel - 1 }
  private var width: Int { lead + bandwidth + 1 + Self.tail }

  /// The distance between elements of one column in consecutive rows.
  var rowStep: Int { width - 1 }
  /// The number of stored elements.
  var count: Int { order * width }

  /// The column of the first element of a row inside the band.
  @inline(__always)
  func origin(_ row: Int) -> Int { max(0, row - bandwidth) }

  /// The position of element (row, column), for column ≤ row and inside the band.
  @inline(__always)
  func offset(_ row: Int, _ column: Int) -> Int { row * rowStep + column + lead + bandwidth }

  /// The part of a matrix that begins at an element.
  func view(_ base: UnsafePointer<Double>, _ row: Int, _ column: Int) -> MatrixView {
    MatrixView(base + offset(row, column), rowStride: rowStep)
  }

  /// The positions of a row's elements inside the band and before it.
  func places(ofRow row: Int) -> Range<Int> {
    offset(row, max(0, row - bandwidth - lead))..<offset(row, row) + 1
  }
}
