import Enclosure

/// A linear map given by its matrix.
struct DenseBlock: LinearBlock {
  let rows: Int
  let columns: Int
  /// Row-major.
  let elements: [Double]
  let magnitude: UpperBound
  let terms: Int

  init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.elements = elements
    terms = max(rows, columns)
    var rowSum = 0.0
    var columnSums = Array(repeating: 0.0, count: columns)
    for i in 0..<rows {
      var sum = 0.0
      for j in 0..<columns {
        let size = elements[i * columns + j].magnitude
        sum += size
        columnSums[j] += size
      }
      rowSum = max(rowSum, sum)
    }
    let schur =
      (UpwardSum.bound(rowSum, count: columns)
      * UpwardSum.bound(columnSums.max() ?? 0, count: rows)).squareRoot()
    magnitude = min(schur, AccumulatedError.euclideanNorm(elements).upper)
  }

  func forward(_ x: [Double]) -> [Double] {
    elements.withUnsafeBufferPointer { a in
      x.withUnsafeBufferPointer { x in
        (0..<rows).map { i in
          guard let p = a.baseAddress, let q = x.baseAddress else { return 0 }
          return VectorKernels.dot(p + i * columns, q, columns)
        }
      }
    }
  }

  func adjoint(_ y: [Double]) -> [Double] {
    var x = Array(repeating: 0.0, count: columns)
    elements.withUnsafeBufferPointer { a in
      x.withUnsafeMutableBufferPointer { x in
        guard let p = a.baseAddress, let q = x.baseAddress else { return }
        for i in 0..<rows { VectorKernels.add(y[i], p + i * columns, to: q, columns) }
      }
    }
    return x
  }

  var gramShape: GramShape {
    let order = min(rows, columns)
    let inner = Double(max(rows, columns))
    return GramShape(
      isOutputSide: rows <= columns, order: order, bandwidth: max(order - 1, 0),
      cost: Double(order) * Double(order) * inner)
  }

  func gram() -> GramMatrix { (rows <= columns ? self : transposed).gramOfRows() }

  /// A Aᵀ.
  func gramOfRows() -> GramMatrix {
    let inner = columns
    var matrix = BandMatrix(order: rows, bandwidth: rows - 1)
    elements.withUnsafeBufferPointer { a in
      guard let a = a.baseAddress else { return }
      for i in 0..<rows {
        let row = a + i * inner
        var j = 0
        while j + 4 <= i + 1 {
          let sums = VectorKernels.dot4(a + j * inner, inner, row, inner)
          for r in 0..<4 { matrix.elements[matrix.layout.offset(i, j + r)] = sums[r] }
          j += 4
        }
        while j <= i {
          matrix.elements[matrix.layout.offset(i, j)] = VectorKernels.dot(a + j * inner, row, inner)
          j += 1
        }
      }
    }
    let error = AccumulatedError.gamma(inner + 2) * magnitude * magnitude
    return GramMatrix(matrix: matrix, error: error + UpperBound(proven: 0x1p-900))
  }

  private var transposed: DenseBlock {
    var flipped = Array(repeating: 0.0, count: elements.count)
    for i in 0..<rows {
      for j in 0..<columns { flipped[j * rows + i] = elements[i * columns + j] }
    }
    return DenseBlock(rows: columns, columns: rows, elements: flipped)
  }
}
