import CMatrixKernels
import COneDNN

/// A matrix in row-major order, perhaps to be read transposed.
struct Matrix {
  /// The first element.
  var address: Elements
  /// Elements from one stored row to the next.
  var rowStride: Int
  /// Whether the product reads it transposed.
  var isTransposed: Bool

  /// How oneDNN names the two ways to read it.
  fileprivate var letter: CChar { CChar(UInt8(ascii: isTransposed ? "T" : "N")) }

  /// The matrix without its first `rows` rows, counted after transposition.
  func dropping(rows: Int) -> Matrix {
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

/// Products by oneDNN on one thread each, and by the project's own loops for vectors.
///
/// Rows or columns are divided among the engine's threads. Both choose their instructions by the
/// features of the processor.
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

  /// c [rows, rows] ← a [rows, inner] · aᵀ: the blocks of rows up to the diagonal, and their mirror images.
  ///
  /// A block from the start and one from the end take as many operations as any other such pair. Where there
  /// are fewer than two pairs for two threads, all of c is computed: half of it on half the threads takes no less.
  static func symmetric(rows: Int, inner: Int, _ a: Matrix, _ c: Elements, _ team: ThreadTeam) {
    let block = 64
    let blocks = (rows + block - 1) / block
    var transposed = a
    transposed.isTransposed.toggle()
    guard blocks >= 2 * team.threads else {
      run(rows: rows, columns: rows, inner: inner, a, transposed, c, team)
      return
    }
    func compute(_ index: Int) {
      let (start, end) = (index * block, min((index + 1) * block, rows))
      single(
        rows: end - start, columns: end, inner: inner, a.dropping(rows: start), transposed,
        c + start * rows, rowStride: rows, false)
    }
    team.forEachRange(count: (blocks + 1) / 2, grain: 1) { _, range in
      for first in range {
        let second = blocks - 1 - first
        compute(first)
        if second != first { compute(second) }
      }
    }
    mirror(c, rows: rows, block: block)
  }

  /// Copies what is below blocks on the diagonal to the places above them.
  private static func mirror(_ c: Elements, rows: Int, block: Int) {
    for start in stride(from: 0, to: rows, by: block) {
      for row in min(start + block, rows)..<rows {
        let source = c + row * rows
        for column in start..<min(start + block, rows) { c[column * rows + row] = source[column] }
      }
    }
  }

  /// One thread's product.
  static func single(
    rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix, _ c: Elements,
    rowStride: Int, _ accumulating: Bool
  ) {
    if rows == 0 || columns == 0 { return }
    if inner == 0 {
      if !accumulating {
        for row in 0..<rows { (c + row * rowStride).update(repeating: 0, count: columns) }
      }
    } else if columns == 1, rowStride == 1, b.isTransposed || b.rowStride == 1 {
      vector(rows, inner, a, b.address, c, accumulating)
    } else if rows == 1, !a.isTransposed || a.rowStride == 1 {
      var transposed = b
      transposed.isTransposed.toggle()
      vector(columns, inner, transposed, a.address, c, accumulating)
    } else {
      let status = ThreadTeam.alone {
        dnnl_sgemm(
          a.letter, b.letter, Int64(rows), Int64(columns), Int64(inner), 1, a.address,
          Int64(a.rowStride), b.address, Int64(b.rowStride), accumulating ? 1 : 0, c,
          Int64(rowStride))
      }
      precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue)")
    }
  }

  /// c [rows] ← a [rows, inner] · x (+ c).
  private static func vector(
    _ rows: Int, _ inner: Int, _ a: Matrix, _ x: Elements, _ c: Elements, _ accumulating: Bool
  ) {
    if a.isTransposed {
      lmtc_vector_times_matrix(a.address, a.rowStride, inner, rows, x, accumulating, c)
    } else {
      lmtc_matrix_times_vector(a.address, a.rowStride, rows, inner, x, accumulating, c)
    }
  }
}
