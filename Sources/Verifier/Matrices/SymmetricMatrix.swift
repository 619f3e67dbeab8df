import Enclosure

/// A symmetric matrix and the test that it is positive semidefinite.
///
/// Of its lower triangle each row is kept from a first column on, left of which all is 0; the Cholesky
/// factor has the same form. If the floating-point factorization of M runs to completion, M + Δ ⪰ 0 with
/// |Δᵢⱼ| ≤ γ/(1 − γ)·√(mᵢᵢmⱼⱼ), γ = γ_{b+2} (Demmel; Rump 2006), b the most columns before the diagonal,
/// and hence ‖Δ‖ ≤ γ/(1 − γ)·min(Σ mᵢᵢ, (2b + 1) max mᵢᵢ).
struct SymmetricMatrix {
  let order: Int
  /// The first column of each row; the same for four rows after one another.
  private let firsts: [Int]
  /// Where column 0 of each row would be.
  private let origins: [Int]
  private(set) var elements: [Double]

  /// No matrix may have more elements.
  static let mostElements = 1 << 27
  /// Rows that are factorized together.
  private static let width = 4

  /// The matrix 0 with rows that begin at some columns; nil if it would be too large.
  init?(firsts: [Int]) {
    let width = Self.width
    let starts = firsts.indices.map { index in
      let block = index / width * width
      return firsts[block..<min(block + width, firsts.count)].min() ?? 0
    }
    var (origins, count): ([Int], Int) = ([], 0)
    for (row, first) in starts.enumerated() {
      origins.append(count - first)
      count += row - first + 1
    }
    guard count <= Self.mostElements else { return nil }
    (order, self.firsts, self.origins) = (firsts.count, starts, origins)
    elements = Array(repeating: 0, count: count)
  }

  /// About the multiplications that factorizing a matrix with these first columns takes.
  static func cost(firsts: [Int]) -> Double {
    firsts.enumerated().reduce(0) {
      $0 + Double(($1.offset - $1.element) * ($1.offset - $1.element)) / 2
    }
  }

  /// An element of the lower triangle, not left of its row's first column.
  subscript(row: Int, column: Int) -> Double {
    get { elements[origins[row] + column] }
    set { elements[origins[row] + column] = newValue }
  }

  /// What has to be subtracted from the diagonal so that a factorization that completes is a proof.
  var factorizationError: UpperBound {
    let band = (0..<order).reduce(0) { max($0, $1 - firsts[$1]) }
    var (trace, largest) = (UpperBound.zero, UpperBound.zero)
    for i in 0..<order {
      let size = UpperBound(proven: abs(self[i, i]))
      (trace, largest) = (trace + size, max(largest, size))
    }
    let gamma = AccumulatedError.gamma(band + 5)
    let size = min(trace, UpperBound(proven: Double(2 * band + 1)) * largest)
    // Subtracting it rounds each element of the diagonal once.
    return gamma / LowerBound.one.reduced(by: gamma) * size * UpperBound(proven: 1 + 0x1p-20)
      + UpperBound(proven: 0x1p-52) * largest + UpperBound(proven: 0x1p-900)
  }

  /// Replaces the matrix minus a multiple of I by its Cholesky factor; false if it breaks down.
  mutating func factorize(minus shift: Double) -> Bool {
    for i in 0..<order { self[i, i] -= shift }
    let elimination = Elimination(firsts: firsts, origins: origins)
    return elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return true }
      return elimination.run(base, width: Self.width)
    }
  }

  /// L⁻¹ b for the factor L, with b other than 0 only from a row on.
  func solved(_ b: [Double], from first: Int) -> [Double] {
    var y = b
    for row in first..<order {
      var sum = y[row]
      for k in max(first, firsts[row])..<max(row, first) { sum -= self[row, k] * y[k] }
      y[row] = sum / self[row, row]
    }
    return y
  }
}

/// The steps of a factorization in memory.
private struct Elimination {
  let firsts: [Int]
  let origins: [Int]

  /// Row by row, `width` = 4 of them at a time; false if a pivot is not positive.
  func run(_ base: UnsafeMutablePointer<Double>, width: Int) -> Bool {
    let order = firsts.count
    for block in stride(from: 0, to: order, by: width) {
      let end = min(block + width, order)
      if end - block == width { eliminate(base, block) }
      for row in block..<end {
        let from = end - block == width ? block : firsts[row]
        guard finish(base, row, from: max(from, firsts[row])) else { return false }
      }
    }
    return true
  }

  /// Columns of four rows, as far as all four have them, by the factor's rows above.
  private func eliminate(_ base: UnsafeMutablePointer<Double>, _ block: Int) {
    let first = firsts[block]
    let rows = (0..<4).map { base + origins[block + $0] }
    let (a, b, c, d) = (rows[0], rows[1], rows[2], rows[3])
    for column in first..<max(first, block) {
      let other = base + origins[column]
      let start = max(first, firsts[column])
      var sums = SIMD4<Double>(a[column], b[column], c[column], d[column])
      var k = start
      var (p, q, r, s) = (SIMD2<Double>(), SIMD2<Double>(), SIMD2<Double>(), SIMD2<Double>())
      while k + 2 <= column {
        let x = pair(other + k)
        p += pair(a + k) * x
        q += pair(b + k) * x
        r += pair(c + k) * x
        s += pair(d + k) * x
        k += 2
      }
      sums -= SIMD4(p[0] + p[1], q[0] + q[1], r[0] + r[1], s[0] + s[1])
      if k < column { sums -= SIMD4(a[k], b[k], c[k], d[k]) * other[k] }
      sums /= other[column]
      (a[column], b[column], c[column], d[column]) = (sums[0], sums[1], sums[2], sums[3])
    }
  }

  private func pair(_ place: UnsafeMutablePointer<Double>) -> SIMD2<Double> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD2<Double>.self)
  }

  /// The columns of a row from one on, and its pivot.
  private func finish(_ base: UnsafeMutablePointer<Double>, _ row: Int, from column: Int) -> Bool {
    let own = base + origins[row]
    for j in column...row {
      let other = base + origins[j]
      var sum = own[j]
      for k in max(firsts[row], firsts[j])..<j { sum -= own[k] * other[k] }
      guard j == row else {
        own[j] = sum / other[j]
        continue
      }
      guard sum > 0, sum.isFinite else { return false }
      own[row] = sum.squareRoot()
    }
    return true
  }
}
