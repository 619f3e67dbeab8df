import MatrixProducts

/// A square matrix, row-major, with the dense linear algebra that a search for multipliers takes.
///
/// Products run on all workers. Results do not depend on their number, since every element is computed by one of
/// them, block by block.
struct SquareMatrix: Sendable {
  let order: Int
  var elements: [Double]

  /// The triangles of a matrix, each with the diagonal.
  enum Triangle { case lower, both }

  /// The rows that are computed at a time where results would depend on them.
  static let share = 96

  /// The zero matrix.
  init(order: Int) {
    self.order = order
    elements = Array(repeating: 0, count: order * order)
  }

  subscript(i: Int, j: Int) -> Double {
    get { elements[i * order + j] }
    set { elements[i * order + j] = newValue }
  }

  /// M + f·N.
  func plus(_ other: SquareMatrix, times factor: Double) -> SquareMatrix {
    var result = self
    result.elements.withUnsafeMutableBufferPointer { sum in
      other.elements.withUnsafeBufferPointer { other in
        guard let p = other.baseAddress, let q = sum.baseAddress else { return }
        VectorKernels.add(factor, p, to: q, sum.count)
      }
    }
    return result
  }

  /// Mᵀ.
  var transposed: SquareMatrix {
    var result = SquareMatrix(order: order)
    result.elements.withUnsafeMutableBufferPointer { to in
      elements.withUnsafeBufferPointer { from in
        guard let to = to.baseAddress, let from = from.baseAddress else { return }
        for i in 0..<order {
          for j in 0..<order { to[i * order + j] = from[j * order + i] }
        }
      }
    }
    return result
  }

  /// Makes the matrix symmetric: (M + Mᵀ)/2.
  mutating func symmetrize() {
    for i in 0..<order {
      for j in 0..<i {
        let mean = (self[i, j] + self[j, i]) / 2
        self[i, j] = mean
        self[j, i] = mean
      }
    }
  }

  /// Copies the lower triangle to the upper one.
  private mutating func mirror() {
    for i in 0..<order {
      for j in 0..<i { elements[j * order + i] = elements[i * order + j] }
    }
  }

  /// Calls `body` with the first row of each block of rows and its end, on all workers, and with memory that it
  /// may write to within these rows.
  ///
  /// - Parameter share: the rows of a block.
  mutating func forEachBlock(
    of share: Int = Self.share, _ workers: Workers,
    _ body: @Sendable (_ from: Int, _ to: Int, UnsafeMutablePointer<Double>) -> Void
  ) {
    let order = order
    elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress
      workers.forEach((order + share - 1) / share) { unit in
        guard let base else { return }
        body(unit * share, min(order, (unit + 1) * share), base)
      }
    }
  }

  /// M N for a symmetric matrix N.
  func times(symmetric other: SquareMatrix, _ workers: Workers) -> SquareMatrix {
    times(transposeOf: other, workers)
  }

  /// M Nᵀ.
  ///
  /// - Parameter part: what is computed; the rest says nothing.
  func times(
    transposeOf other: SquareMatrix, part: Triangle = .both, _ workers: Workers
  ) -> SquareMatrix {
    var result = SquareMatrix(order: order)
    result.forEachBlock(of: workers.share(of: order), workers) { from, to, base in
      elements.withUnsafeBufferPointer { a in
        other.elements.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          MatrixProduct.accumulate(
            MatrixView(a + from * order, rowStride: order), MatrixView(b, rowStride: order),
            rows: to - from, columns: order, inner: order, into: base + from * order,
            stride: order, part: part == .lower ? .lower(offset: from) : .all)
        }
      }
    }
    return result
  }

  /// L with M = L Lᵀ, by the lower triangle; n³/3 operations.
  ///
  /// Nil if the matrix is not positive definite.
  func choleskyFactor(_ workers: Workers) -> SquareMatrix? {
    let layout = BandLayout(order: order, bandwidth: max(0, order - 1))
    var memory = Array(repeating: 0.0, count: layout.count)
    var factor = SquareMatrix(order: order)
    let isDefinite = memory.withUnsafeMutableBufferPointer { buffer -> Bool in
      guard let base = buffer.baseAddress else { return true }
      elements.withUnsafeBufferPointer { matrix in
        guard let matrix = matrix.baseAddress else { return }
        for i in 0..<order {
          (base + layout.offset(i, 0)).update(from: matrix + i * order, count: i + 1)
        }
      }
      guard BandFactorization(layout, base, workers: workers).run() else { return false }
      factor.elements.withUnsafeMutableBufferPointer { factor in
        guard let factor = factor.baseAddress else { return }
        for i in 0..<order {
          (factor + i * order).update(from: base + layout.offset(i, 0), count: i + 1)
        }
      }
      return true
    }
    return isDefinite ? factor : nil
  }

  /// L⁻¹ of a lower triangular matrix, by blocks of rows; n³/3 operations.
  func triangularInverse(_ workers: Workers) -> SquareMatrix {
    var inverse = SquareMatrix(order: order)
    let share = 48
    for from in stride(from: 0, to: order, by: share) {
      let to = min(order, from + share)
      // Rows from…to of L⁻¹ are D⁻¹(E − L·L⁻¹) with the diagonal block D and the rows before.
      inverse.subtractProducts(of: self, from, to, workers)
      inverse.divide(byBlockOf: self, from, to)
    }
    return inverse
  }

  /// Sets rows to the identity's, less the product of the factor's rows with the rows before them.
  private mutating func subtractProducts(
    of factor: SquareMatrix, _ from: Int, _ to: Int, _ workers: Workers
  ) {
    let (order, width) = (order, 192)
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      nonisolated(unsafe) let base = start
      for i in from..<to { base[i * order + i] = 1 }
      workers.forEach((from + width - 1) / width) { unit in
        let first = unit * width
        factor.elements.withUnsafeBufferPointer { l in
          guard let l = l.baseAddress else { return }
          MatrixProduct.accumulate(
            MatrixView(l + from * order + first, rowStride: order),
            MatrixView(base + first * order + first, rowStride: 1, columnStride: order),
            rows: to - from, columns: min(width, from - first), inner: from - first,
            into: base + from * order + first, stride: order, isSubtracted: true)
        }
      }
    }
  }

  private mutating func divide(byBlockOf factor: SquareMatrix, _ from: Int, _ to: Int) {
    let order = order
    elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in from..<to {
        let row = base + i * order
        for k in from..<i {
          VectorKernels.add(-factor[i, k], base + k * order, to: row, k + 1)
        }
        let pivot = factor[i, i]
        for j in 0...i { row[j] /= pivot }
      }
    }
  }

  /// KᵀK of a lower triangular matrix K; n³/3 operations.
  func transposeTimesSelf(_ workers: Workers) -> SquareMatrix {
    var result = SquareMatrix(order: order)
    result.forEachBlock(workers) { from, to, base in
      elements.withUnsafeBufferPointer { k in
        guard let k = k.baseAddress else { return }
        // Element (i, j) sums over the rows from max(i, j) on.
        let view = MatrixView(k + from * order, rowStride: 1, columnStride: order)
        MatrixProduct.accumulate(
          view.from(from, 0), view, rows: to - from, columns: to, inner: order - from,
          into: base + from * order, stride: order, part: .lower(offset: from))
      }
    }
    result.mirror()
    return result
  }

  /// M⁻¹ from the factor L of M.
  static func inverse(fromFactor factor: SquareMatrix, _ workers: Workers) -> SquareMatrix {
    factor.triangularInverse(workers).transposeTimesSelf(workers)
  }

  /// x with L Lᵀ x = b for the factor L.
  func solved(_ b: [Double]) -> [Double] {
    var x = b
    elements.withUnsafeBufferPointer { l in
      x.withUnsafeMutableBufferPointer { x in
        guard let l = l.baseAddress, let x = x.baseAddress else { return }
        for i in 0..<order {
          x[i] = (x[i] - VectorKernels.dot(l + i * order, x, i)) / l[i * order + i]
        }
        for i in (0..<order).reversed() {
          x[i] /= l[i * order + i]
          VectorKernels.add(-x[i], l + i * order, to: x, i)
        }
      }
    }
    return x
  }

  /// M x.
  func times(_ x: [Double]) -> [Double] {
    elements.withUnsafeBufferPointer { m in
      x.withUnsafeBufferPointer { x in
        (0..<order).map { i in
          guard let m = m.baseAddress, let x = x.baseAddress else { return 0 }
          return VectorKernels.dot(m + i * order, x, order)
        }
      }
    }
  }

  /// tr(M N) of symmetric matrices.
  func trace(with other: SquareMatrix) -> Double {
    elements.withUnsafeBufferPointer { a in
      other.elements.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return 0 }
        return VectorKernels.dot(a, b, elements.count)
      }
    }
  }
}

extension Workers {
  /// Rows for each worker, so that what is multiplied by them is packed once for each.
  func share(of rows: Int) -> Int { max(1, (rows + count - 1) / count) }
}
