import Enclosure
import MatrixProducts

/// A symmetric matrix and the test that it is positive semidefinite.
///
/// Of its lower triangle, blocks of rows are kept from a first column on, left of which all is 0; the Cholesky
/// factor has the same form. If the floating-point factorization of M runs to completion, M + Δ ⪰ 0 with
/// |Δᵢⱼ| ≤ γ/(1 − γ)·√(mᵢᵢmⱼⱼ), where γ covers the roundings that a product undergoes until it is part of an
/// element (Demmel; Rump 2006), and hence ‖Δ‖ ≤ γ/(1 − γ)·min(Σ mᵢᵢ, (2b + 1) max mᵢᵢ), b the most columns
/// before the diagonal.
struct SymmetricMatrix {
  let order: Int
  /// Rows and columns of a block.
  private let width: Int
  /// The first column of each block of rows, a multiple of `width`.
  private let firsts: [Int]
  /// Where each block of rows begins.
  private let origins: [Int]
  private(set) var elements: [Double]

  /// No matrix may have more elements.
  static let mostElements = 1 << 27

  /// The matrix 0 with rows that begin at some columns; nil if it would be too large.
  init?(firsts rows: [Int]) {
    order = rows.count
    let total = rows.enumerated().reduce(0) { $0 + $1.offset - $1.element + 1 }
    // Blocks about an eighth as wide as the matrix keep what is stored in vain small.
    width = max(16, min(128, total / max(1, order) / 8 / 16 * 16))
    var (firsts, origins, count): ([Int], [Int], Int) = ([], [], 0)
    for start in stride(from: 0, to: order, by: width) {
      let end = min(start + width, order)
      let first = (rows[start..<end].min() ?? 0) / width * width
      firsts.append(first)
      origins.append(count)
      count += (end - start) * (end - first)
    }
    guard count <= Self.mostElements else { return nil }
    (self.firsts, self.origins) = (firsts, origins)
    elements = Array(repeating: 0, count: count)
  }

  /// About the multiplications that factorizing a matrix with these first columns takes.
  static func cost(firsts: [Int]) -> Double {
    firsts.enumerated().reduce(0) {
      $0 + Double(($1.offset - $1.element) * ($1.offset - $1.element)) / 2
    }
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    let block = row / width
    let (start, first) = (block * width, firsts[block])
    return origins[block] + (row - start) * (min(start + width, order) - first) + column - first
  }

  /// An element of the lower triangle, not left of its row's first column.
  subscript(row: Int, column: Int) -> Double {
    get { elements[index(row, column)] }
    set { elements[index(row, column)] = newValue }
  }

  /// The first column that a row has.
  func first(_ row: Int) -> Int { firsts[row / width] }

  /// Changes elements in memory; `body` may write to different elements at the same time.
  mutating func withElements(
    _ body: (_ base: UnsafeMutablePointer<Double>, _ index: (Int, Int) -> Int) -> Void
  ) {
    let shape = self.withoutElements
    elements.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { body(base, shape.index) }
    }
  }

  private var withoutElements: SymmetricMatrix {
    var copy = self
    copy.elements = []
    return copy
  }

  /// The most roundings that a product undergoes.
  ///
  /// They are those within one call of the kernel, or in the block of the
  /// diagonal, and one for each call after it. The element itself undergoes as many of the latter.
  private var roundings: Int {
    let band = (0..<order).reduce(0) { max($0, $1 - first($1)) }
    let calls = 2 * (band / MatrixProduct.depth + band / width + 10 + width)
    return min(2 * band + 10, MatrixProduct.depth + width + calls)
  }

  /// What has to be subtracted from the diagonal so that a factorization that completes is a proof.
  var factorizationError: UpperBound {
    let band = (0..<order).reduce(0) { max($0, $1 - first($1)) }
    var (trace, largest) = (UpperBound.zero, UpperBound.zero)
    for i in 0..<order {
      let size = UpperBound(proven: abs(self[i, i]))
      (trace, largest) = (trace + size, max(largest, size))
    }
    let gamma = AccumulatedError.gamma(roundings)
    let size = min(trace, UpperBound(proven: Double(2 * band + 1)) * largest)
    // Subtracting it rounds each element of the diagonal once.
    return gamma / LowerBound.one.reduced(by: gamma) * size * UpperBound(proven: 1 + 0x1p-20)
      + UpperBound(proven: 0x1p-52) * largest + UpperBound(proven: 0x1p-900)
  }

  /// Replaces the matrix minus a multiple of I by its Cholesky factor; false if it breaks down.
  mutating func factorize(minus shift: Double, _ workers: Workers = .single) -> Bool {
    for i in 0..<order { self[i, i] -= shift }
    let elimination = Elimination(order: order, width: width, firsts: firsts, origins: origins)
    return elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return true }
      return elimination.run(base, order > 4 * width ? workers : .single)
    }
  }

  /// L⁻¹ b for the factor L, with b other than 0 only from a row on.
  func solved(_ b: [Double], from first: Int) -> [Double] {
    var y = b
    elements.withUnsafeBufferPointer { elements in
      for row in first..<order {
        let (start, origin) = (max(first, self.first(row)), index(row, 0))
        var sum = y[row]
        for k in start..<max(row, start) { sum -= elements[origin + k] * y[k] }
        y[row] = sum / elements[origin + row]
      }
    }
    return y
  }
}

/// The steps of a factorization in memory: for each block of columns, products with the columns before it, and
/// then the solution with the block of the diagonal.
private struct Elimination: Sendable {
  let order: Int
  let width: Int
  let firsts: [Int]
  let origins: [Int]
  /// Columns that are solved without a product of matrices.
  private static let narrow = 16

  init(order: Int, width: Int, firsts: [Int], origins: [Int]) {
    (self.order, self.width, self.firsts, self.origins) = (order, width, firsts, origins)
  }

  /// False if a pivot is not positive.
  func run(_ base: UnsafeMutablePointer<Double>, _ workers: Workers) -> Bool {
    nonisolated(unsafe) let base = base
    for block in firsts.indices {
      update(base, block, block)
      guard factorizeDiagonal(base, block) else { return false }
      let below = firsts.indices.filter { $0 > block && firsts[$0] <= block * width }
      workers.forEach(below.count) { index in
        update(base, below[index], block)
        solve(base, below[index], block)
      }
    }
    return true
  }

  private func start(_ block: Int) -> Int { block * width }
  private func end(_ block: Int) -> Int { min((block + 1) * width, order) }
  /// The distance of one row from the next.
  private func stride(_ block: Int) -> Int { end(block) - firsts[block] }
  private func place(_ block: Int, _ column: Int) -> Int {
    origins[block] + column - firsts[block]
  }

  /// Subtracts the products of the factor's columns before a block of columns.
  private func update(_ base: UnsafeMutablePointer<Double>, _ row: Int, _ column: Int) {
    let first = max(firsts[row], firsts[column])
    guard first < start(column) else { return }
    MatrixProduct.accumulate(
      MatrixView(base + place(row, first), rowStride: stride(row)),
      MatrixView(base + place(column, first), rowStride: stride(column)),
      rows: end(row) - start(row), columns: end(column) - start(column),
      inner: start(column) - first, into: base + place(row, start(column)), stride: stride(row),
      part: row == column ? .lower(offset: 0) : .all, isSubtracted: true)
  }

  /// X ← X L⁻ᵀ for a block X of rows and the block L of the diagonal.
  private func solve(_ base: UnsafeMutablePointer<Double>, _ row: Int, _ column: Int) {
    let (x, l) = (base + place(row, start(column)), base + place(column, start(column)))
    let (count, size) = (end(row) - start(row), end(column) - start(column))
    for first in Swift.stride(from: 0, to: size, by: Self.narrow) {
      let last = min(first + Self.narrow, size)
      MatrixProduct.accumulate(
        MatrixView(x, rowStride: stride(row)),
        MatrixView(l + first * stride(column), rowStride: stride(column)), rows: count,
        columns: last - first, inner: first, into: x + first, stride: stride(row),
        isSubtracted: true)
      for i in 0..<count {
        let own = x + i * stride(row)
        for j in first..<last {
          let other = l + j * stride(column)
          var sum = own[j]
          for k in first..<j { sum -= own[k] * other[k] }
          own[j] = sum / other[j]
        }
      }
    }
  }

  private func factorizeDiagonal(_ base: UnsafeMutablePointer<Double>, _ block: Int) -> Bool {
    let l = base + place(block, start(block))
    for i in 0..<end(block) - start(block) {
      let own = l + i * stride(block)
      for j in 0...i {
        let other = l + j * stride(block)
        var sum = own[j]
        for k in 0..<j { sum -= own[k] * other[k] }
        guard j == i else {
          own[j] = sum / other[j]
          continue
        }
        guard sum > 0, sum.isFinite else { return false }
        own[i] = sum.squareRoot()
      }
    }
    return true
  }
}
