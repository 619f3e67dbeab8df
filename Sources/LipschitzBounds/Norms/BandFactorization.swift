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
  func run() -> Bool {
    for first in stride(from: 0, to: layout.order, by: layout.panel) {
      let panel = first..<min(first + layout.panel, layout.order)
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
      solve(next..<end, first)
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

  /// Computes 16 columns of rows below their diagonal block, eight rows at a time.
  private func solve(_ rows: Range<Int>, _ first: Int) {
    guard !rows.isEmpty else { return }
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: Self.block) { solved in
      guard let solved = solved.baseAddress else { return }
      for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
        solve(row, min(8, rows.upperBound - row), first, solved)
      }
    }
  }

  @inline(__always)
  private func solve(
    _ row: Int, _ count: Int, _ first: Int, _ solved: UnsafeMutablePointer<SIMD8<Double>>
  ) {
    let (places, step) = (base + layout.offset(row, first), layout.rowStep)
    for j in 0..<Self.block {
      var value = SIMD8<Double>.zero
      for r in 0..<count { value[r] = places[r * step + j] }
      solved[j] = value
    }
    for j in 0..<Self.block {
      let pivotRow = base + layout.offset(first + j, first)
      var value = solved[j]
      for k in 0..<j { value -= solved[k] * pivotRow[k] }
      solved[j] = value / pivotRow[j]
    }
    for j in 0..<Self.block {
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

  /// Replaces each row b by L⁻¹b, for a lower triangular matrix L.
  func divide(_ rows: inout [Double], rows count: Int) {
    let (layout, order) = (layout, order)
    elements.withUnsafeBufferPointer { elements in
      rows.withUnsafeMutableBufferPointer { rows in
        guard let factor = elements.baseAddress, let rows = rows.baseAddress else { return }
        for i in 0..<count {
          let row = rows + i * order
          for j in 0..<order {
            let pivots = factor + layout.offset(j, 0)
            row[j] = (row[j] - VectorKernels.dot(pivots, row, j)) / pivots[j]
          }
        }
      }
    }
  }
}
