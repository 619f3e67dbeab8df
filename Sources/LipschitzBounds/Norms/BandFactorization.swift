import MatrixProducts

/// The Cholesky factorization L Lᵀ of a band matrix in place, by panels of columns.
///
/// A panel is factorized in blocks of 16 columns, and its products are subtracted from the rest of the
/// matrix by ``MatrixProduct``. Every element of L is (mᵢⱼ − Σ lᵢₖ lⱼₖ)/lⱼⱼ, or the root of the difference,
/// with the at most b products added in some order: each passes at most b additions, since the sum of b + 1
/// terms takes b additions however they are grouped. The numbers do not depend on the number of workers.
struct BandFactorization {
  private let layout: BandLayout
  private let base: UnsafeMutablePointer<Double>
  private let workers: Workers

  private static let block = 16
  /// Rows that are updated as one unit of work, and the fewest rows that are divided.
  private static let (share, fewest) = (192, 768)

  /// - Parameter base: a matrix in the layout, which is replaced by its factor.
  init(_ layout: BandLayout, _ base: UnsafeMutablePointer<Double>, workers: Workers) {
    (self.layout, self.base, self.workers) = (layout, base, workers)
  }

  /// Whether the factorization runs to completion with positive, finite pivots; n·b² operations.
  ///
  /// - Parameter columns: how many are eliminated; nil for all. The others are left with the Schur complement.
  func run(columns: Int? = nil) -> Bool {
    let count = columns ?? layout.order
    for first in stride(from: 0, to: count, by: layout.panel) {
      let panel = first..<min(first + layout.panel, count)
      let end = min(layout.order, panel.upperBound + layout.bandwidth)
      guard factorize(panel, end) else { return false }
      update(panel.upperBound..<end, with: panel)
    }
    return true
  }

  /// Computes the columns of a panel, whose last nonzero row is before `end`.
  private func factorize(_ panel: Range<Int>, _ end: Int) -> Bool {
    for first in stride(from: panel.lowerBound, to: panel.upperBound, by: Self.block) {
      let next = min(first + Self.block, panel.upperBound)
      guard factorizeTriangle(first..<next) else { return false }
      solve(next..<end, first..<next)
      MatrixProduct.accumulate(
        layout.view(base, next, first), layout.view(base, next, first), rows: end - next,
        columns: panel.upperBound - next, inner: next - first,
        into: base + layout.offset(next, next), stride: layout.rowStep, part: .lower(offset: 0),
        isSubtracted: true)
    }
    return true
  }

  /// Factorizes a diagonal block by the definition; false if a pivot is not positive.
  private func factorizeTriangle(_ block: Range<Int>) -> Bool {
    let first = block.lowerBound
    for j in block {
      let pivotRow = base + layout.offset(j, first)
      let done = j - first
      let pivot = pivotRow[done] - VectorKernels.dot(pivotRow, pivotRow, done)
      guard pivot > 0, pivot.isFinite else { return false }
      let root = pivot.squareRoot()
      pivotRow[done] = root
      for i in j + 1..<max(j + 1, block.upperBound) {
        let row = base + layout.offset(i, first)
        row[done] = (row[done] - VectorKernels.dot(row, pivotRow, done)) / root
      }
    }
    return true
  }

  /// Computes at most 16 columns of rows below their diagonal block, eight rows at a time.
  private func solve(_ rows: Range<Int>, _ columns: Range<Int>) {
    guard !rows.isEmpty else { return }
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: Self.block) { solved in
      guard let solved = solved.baseAddress else { return }
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
        solve(row, min(8, rows.upperBound - row), columns, solved)
      }
    }
  }

  @inline(__always)
  private func solve(
    _ row: Int, _ count: Int, _ columns: Range<Int>,
    _ solved: UnsafeMutablePointer<SIMD8<Double>>
  ) {
    let (first, width) = (columns.lowerBound, columns.count)
    let (places, step) = (base + layout.offset(row, first), layout.rowStep)
    for j in 0..<width {
      var value = SIMD8<Double>.zero
      for r in 0..<count { value[r] = places[r * step + j] }
      solved[j] = value
    }
    for j in 0..<width {
      let pivotRow = base + layout.offset(first + j, first)
      var value = solved[j]
      for k in 0..<j { value -= solved[k] * pivotRow[k] }
      solved[j] = value / pivotRow[j]
    }
    for j in 0..<width {
      let value = solved[j]
      for r in 0..<count { places[r * step + j] = value[r] }
    }
  }

  /// Subtracts a panel's products from the lower triangle of the rows below it.
  private func update(_ rows: Range<Int>, with panel: Range<Int>) {
    guard !rows.isEmpty else { return }
    let (start, share) = (rows.lowerBound, rows.count < Self.fewest ? rows.count : Self.share)
    nonisolated(unsafe) let base = base
    workers.forEach((rows.count + share - 1) / share) { [layout] unit in
      let (from, to) = (unit * share, min(rows.count, (unit + 1) * share))
      MatrixProduct.accumulate(
        layout.view(base, start + from, panel.lowerBound),
        layout.view(base, start, panel.lowerBound), rows: to - from, columns: to,
        inner: panel.count, into: base + layout.offset(start + from, start),
        stride: layout.rowStep, part: .lower(offset: from), isSubtracted: true)
    }
  }
}

extension BandMatrix {
  /// L with M = L Lᵀ; nil if the factorization breaks down.
  var choleskyFactor: BandMatrix? {
    var factor = self
    let isFactorized = factor.elements.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { BandFactorization(layout, $0, workers: .single).run() } ?? true
    }
    return isFactorized ? factor : nil
  }

  /// B M⁻¹ Bᵀ for rows B; nil if M is not positive definite.
  ///
  /// Cost: about n³/3 + n²m + nm² operations for m rows. No error is bounded.
  func inverseProducts(of rows: [Double], rows count: Int) -> BandMatrix? {
    var bordered = BandMatrix(order: order + count, bandwidth: order + count - 1)
    let (from, to) = (layout, bordered.layout)
    var products = BandMatrix(order: count, bandwidth: count - 1)
    let isDefinite = bordered.elements.withUnsafeMutableBufferPointer { buffer -> Bool in
      guard let base = buffer.baseAddress else { return true }
      for i in 0..<order {
        for j in from.origin(i)...i { base[to.offset(i, j)] = elements[from.offset(i, j)] }
      }
      for i in 0..<count {
        for j in 0..<order { base[to.offset(order + i, j)] = rows[i * order + j] }
      }
      guard BandFactorization(to, base, workers: .single).run(columns: order) else { return false }
      for i in 0..<count {
        for j in 0...i {
          products.elements[products.layout.offset(i, j)] = -base[to.offset(order + i, order + j)]
        }
      }
      return true
    }
    return isDefinite ? products : nil
  }
}
