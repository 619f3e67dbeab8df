import CMatrixKernels

/// Factorization of a matrix and solution of triangular systems by blocks of rows.
///
/// All but a share of about 64/N of the operations are matrix products. The blocks on the diagonal are
/// inverted, so that solving with them is a product as well.
struct TriangularMatrix {
  /// Rows of a block: the inverse of a larger one would take longer than what the product saves.
  static let block = 64

  /// N.
  let order: Int
  /// The first element of L [N, N], row-major; elements above the diagonal are not read.
  let factor: Elements

  /// Elements of working memory for a factorization, or for solving with some columns.
  static func scratchCount(order: Int, columns: Int) -> Int {
    block * block + block * max(order, columns)
  }

  /// Replaces L, which holds A [N, N], by the factor of (A + Aᵀ)/2, with zeros above the diagonal.
  func factorize(scratch: Elements, _ team: ThreadTeam) {
    symmetrize()
    let (inverse, panel) = (scratch, scratch + Self.block * Self.block)
    for start in stride(from: 0, to: order, by: Self.block) {
      let size = min(Self.block, order - start)
      let rows = order - start
      let left = Matrix(address: row(start), rowStride: order, isTransposed: false)
      let right = Matrix(address: row(start), rowStride: order, isTransposed: true)
      MatrixProduct.run(rows: rows, columns: size, inner: start, left, right, panel, team)
      subtract(panel, from: row(start) + start, rows: rows, columns: size)
      factorizeBlock(panel, size, sums: inverse)
      for i in 0..<size { (row(start + i) + start).update(from: panel + i * size, count: i + 1) }
      invert(row(start) + start, size, into: inverse)
      Self.product(
        Matrix(address: panel + size * size, rowStride: size, isTransposed: false),
        Matrix(address: inverse, rowStride: size, isTransposed: true), rows: rows - size,
        columns: size, inner: size, row(start + size) + start, rowStride: order, team)
    }
    for i in 0..<order { (row(i) + i + 1).update(repeating: 0, count: order - i - 1) }
  }

  /// X [N, K] ← L⁻¹ B or L⁻ᵀ B.
  func solve(
    _ right: Elements, columns: Int, isTransposed: Bool, into x: Elements, scratch: Elements,
    _ team: ThreadTeam
  ) {
    let (inverse, rest) = (scratch, scratch + Self.block * Self.block)
    let starts = Array(stride(from: 0, to: order, by: Self.block))
    for start in isTransposed ? starts.reversed() : starts {
      let size = min(Self.block, order - start)
      let end = start + size
      let known = isTransposed ? end : 0
      let inner = isTransposed ? order - end : start
      let coupling = Matrix(
        address: isTransposed ? row(min(end, order - 1)) + start : row(start), rowStride: order,
        isTransposed: isTransposed)
      let solved = Matrix(address: x + known * columns, rowStride: columns, isTransposed: false)
      MatrixProduct.run(rows: size, columns: columns, inner: inner, coupling, solved, rest, team)
      let b = right + start * columns
      for i in 0..<size * columns { rest[i] = b[i] - rest[i] }
      invert(row(start) + start, size, into: inverse)
      MatrixProduct.run(
        rows: size, columns: columns, inner: size,
        Matrix(address: inverse, rowStride: size, isTransposed: isTransposed),
        Matrix(address: rest, rowStride: columns, isTransposed: false), x + start * columns, team)
    }
  }

  private func row(_ index: Int) -> Elements { factor + index * order }

  /// Replaces A by (A + Aᵀ)/2, tile by tile, so that the columns of a tile stay in the cache.
  private func symmetrize() {
    let tile = 16
    for top in stride(from: 0, to: order, by: tile) {
      for left in stride(from: 0, through: top, by: tile) {
        for i in top..<min(top + tile, order) {
          for j in left..<min(left + tile, i) {
            let mean = (row(i)[j] + row(j)[i]) / 2
            row(i)[j] = mean
            row(j)[i] = mean
          }
        }
      }
    }
  }

  /// panel ← a − panel, the elements of a in rows of L.
  private func subtract(_ panel: Elements, from a: Elements, rows: Int, columns: Int) {
    for i in 0..<rows {
      let (target, source) = (panel + i * columns, a + i * order)
      for j in 0..<columns { target[j] = source[j] - target[j] }
    }
  }

  /// Factorizes a symmetric block in place: L and, above its diagonal, Lᵀ.
  ///
  /// A row of Lᵀ takes the rows above it, times the row of L that is known by then. `sums` has room for a row.
  private func factorizeBlock(_ a: Elements, _ size: Int, sums: Elements) {
    for k in 0..<size {
      let target = a + k * size
      let first = k & ~7
      lmtc_vector_times_matrix(a + first, size, k, size - first, target, false, sums + first)
      target[k] = (target[k] - sums[k]).squareRoot()
      let reciprocal = 1 / target[k]
      for j in k + 1..<max(size, k + 1) {
        target[j] = (target[j] - sums[j]) * reciprocal
        a[j * size + k] = target[j]
      }
    }
  }

  /// The inverse of a block on the diagonal of L, with zeros above its diagonal.
  private func invert(_ a: Elements, _ size: Int, into inverse: Elements) {
    for i in 0..<size {
      let (target, source) = (inverse + i * size, a + i * order)
      let reciprocal = 1 / source[i]
      // Rows above are 0 from the diagonal on, so that whole vectors may be added.
      lmtc_vector_times_matrix(inverse, size, i, min(size, (i + 7) & ~7), source, false, target)
      for j in 0..<i { target[j] *= -reciprocal }
      target[i] = reciprocal
      (target + i + 1).update(repeating: 0, count: size - i - 1)
    }
  }

  /// c ← a · b with rows of c some elements apart.
  private static func product(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, inner: Int, _ c: Elements, rowStride: Int,
    _ team: ThreadTeam
  ) {
    let unit = max(8, 4_000_000 / max(1, 2 * columns * inner))
    team.forEachRange(count: rows, grain: unit) { _, range in
      MatrixProduct.single(
        rows: range.count, columns: columns, inner: inner, a.dropping(rows: range.lowerBound), b,
        c + range.lowerBound * rowStride, rowStride: rowStride, false)
    }
  }
}
