import Enclosure
import MatrixProducts

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
    magnitude = Self.magnitude(rows, columns, elements)
  }

  /// The least of √(‖A‖₁ ‖A‖∞) and the Frobenius norm, in one pass over the elements.
  private static func magnitude(_ rows: Int, _ columns: Int, _ elements: [Double]) -> UpperBound {
    var (rowSum, squares) = (0.0, 0.0)
    var columnSums = Array(repeating: 0.0, count: columns)
    elements.withUnsafeBufferPointer { a in
      columnSums.withUnsafeMutableBufferPointer { sums in
        guard let p = a.baseAddress, let q = sums.baseAddress else { return }
        for i in 0..<rows {
          let row = VectorKernels.sums(p + i * columns, magnitudesTo: q, columns)
          rowSum = max(rowSum, row.magnitudes)
          squares += row.squares
        }
      }
    }
    let schur =
      (UpwardSum.bound(rowSum, count: columns)
      * UpwardSum.bound(columnSums.max() ?? 0, count: rows)).squareRoot()
    return min(schur, UpwardSum.root(ofSquares: squares, count: elements.count))
  }

  var applicationCost: Double { Double(rows) * Double(columns) }

  var action: LinearAction { LinearAction(forward: forward, adjoint: adjoint) }

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
      cost: Double(order) * Double(order) * inner / 2)
  }

  func gram(_ workers: Workers) -> GramMatrix {
    elements.withUnsafeBufferPointer { a in
      guard let a = a.baseAddress else { preconditionFailure("a matrix without elements") }
      let rows = MatrixView(a, rowStride: columns)
      let columns = MatrixView(a, rowStride: 1, columnStride: columns)
      return self.rows <= self.columns ? gram(of: rows, workers) : gram(of: columns, workers)
    }
  }

  /// A Aᵀ.
  func gramOfRows(_ workers: Workers) -> GramMatrix {
    elements.withUnsafeBufferPointer { a in
      guard let a = a.baseAddress else { preconditionFailure("a matrix without elements") }
      return gram(of: MatrixView(a, rowStride: columns), order: rows, inner: columns, workers)
    }
  }

  private func gram(of view: MatrixView, _ workers: Workers) -> GramMatrix {
    gram(of: view, order: min(rows, columns), inner: max(rows, columns), workers)
  }

  private func gram(
    of view: MatrixView, order: Int, inner: Int, _ workers: Workers
  ) -> GramMatrix {
    var matrix = BandMatrix(order: order, bandwidth: order - 1)
    matrix.addProducts(of: view, inner: inner, workers)
    let error = AccumulatedError.gamma(inner + 2) * magnitude * magnitude
    return GramMatrix(matrix: matrix, error: error + UpperBound(proven: 0x1p-900))
  }
}
