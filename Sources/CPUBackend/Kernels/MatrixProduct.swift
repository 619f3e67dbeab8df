import COpenBLAS

/// A matrix in row-major order, perhaps to be read transposed.
struct Matrix {
  /// The first element.
  var address: Elements
  /// Elements from one stored row to the next.
  var rowStride: Int
  /// Whether the product reads it transposed.
  var isTransposed: Bool

  /// The matrix without its first `rows` rows, counted after transposition.
  fileprivate func dropping(rows: Int) -> Matrix {
    Matrix(
      address: address + (isTransposed ? rows : rows * rowStride), rowStride: rowStride,
      isTransposed: isTransposed)
  }

  /// The matrix without its first `columns` columns, counted after transposition.
  fileprivate func dropping(columns: Int) -> Matrix {
    Matrix(
      address: address + (isTransposed ? columns * rowStride : columns), rowStride: rowStride,
      isTransposed: isTransposed)
  }
}

/// Products through OpenBLAS's single-threaded kernels, divided among the engine's own threads.
enum MatrixProduct {
  /// c [rows, columns] ← a [rows, inner] · b [inner, columns] (+ c).
  static func run(
    rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix, _ c: Elements,
    accumulating: Bool = false, _ team: ThreadTeam
  ) {
    let work = max(1, inner) * 2
    // Waking a thread costs as much as some hundred thousand operations.
    let grain = 4_000_000
    if rows >= columns, rows > 1 {
      let unit = max(8, grain / max(1, work * columns))
      team.forEachRange(count: rows, grain: unit) { _, range in
        single(
          rows: range.count, columns: columns, inner: inner,
          a.dropping(rows: range.lowerBound), b, c + range.lowerBound * columns,
          rowStride: columns, accumulating)
      }
    } else {
      let unit = max(8, grain / max(1, work * rows))
      team.forEachRange(count: columns, grain: unit) { _, range in
        single(
          rows: rows, columns: range.count, inner: inner, a,
          b.dropping(columns: range.lowerBound), c + range.lowerBound, rowStride: columns,
          accumulating)
      }
    }
  }

  /// One thread's product.
  static func single(
    rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix, _ c: Elements,
    rowStride: Int, _ accumulating: Bool
  ) {
    if rows == 0 || columns == 0 { return }
    let beta: Float = accumulating ? 1 : 0
    if inner == 0 {
      if !accumulating {
        for row in 0..<rows { (c + row * rowStride).update(repeating: 0, count: columns) }
      }
    } else if columns == 1, rowStride == 1 {
      vector(rows, inner, a, b.address, b.isTransposed ? 1 : b.rowStride, c, beta)
    } else if rows == 1 {
      var transposed = b
      transposed.isTransposed.toggle()
      vector(columns, inner, transposed, a.address, a.isTransposed ? a.rowStride : 1, c, beta)
    } else {
      cblas_sgemm(
        CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
        b.isTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
        a.address, Int32(a.rowStride), b.address, Int32(b.rowStride), beta, c, Int32(rowStride))
    }
  }

  /// c [rows] ← a [rows, inner] · x.
  private static func vector(
    _ rows: Int, _ inner: Int, _ a: Matrix, _ x: Elements, _ xStride: Int, _ c: Elements,
    _ beta: Float
  ) {
    let (stored, across) = a.isTransposed ? (inner, rows) : (rows, inner)
    cblas_sgemv(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, Int32(stored), Int32(across), 1,
      a.address, Int32(a.rowStride), x, Int32(xStride), beta, c, 1)
  }
}
