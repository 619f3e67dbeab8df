import Enclosure
import MatrixProducts

/// A dense matrix, row-major, within `error` of the exact one in the spectral norm.
struct MatrixBall: Sendable {
  let rows: Int
  let columns: Int
  let elements: [Double]
  let error: UpperBound

  /// No matrix may have more elements.
  static let mostElements = 1 << 26
  /// The most multiplications for a matrix and its norm.
  static let mostExpensive = 4e11

  /// About the multiplications that a norm takes.
  static func cost(rows: Int, columns: Int) -> Double {
    let (small, large) = (Double(min(rows, columns)), Double(max(rows, columns)))
    return small * small * (large / 2 + small / 6)
  }

  /// Bounds the distances of all pairs of rows, row-major.
  ///
  /// Differences are rounded once before they are squared, in numbers that a power of two brings near 1.
  func distances(_ workers: Workers) -> [UpperBound] {
    let largest = elements.reduce(0) { max($0, $1.magnitude) }
    let exponent = largest > 0 && largest.isFinite ? Int(largest.exponent) : 0
    let scale = Double(sign: .plus, exponent: -exponent, significand: 1)
    let relative = AccumulatedError.gamma(columns + 8)
    let lost = UpperBound(integer: columns) * UpperBound(proven: 0x1p-1000)
    // ‖(eᵢ − eⱼ)ᵀE‖ ≤ √2·‖E‖.
    let rest = UpperBound(proven: 2).squareRoot() * error
    let lower = workers.map(rows * rows) { pair -> UpperBound in
      let (i, j) = (pair / rows, pair % rows)
      guard j < i else { return .zero }
      let sum = elements.withUnsafeBufferPointer { elements in
        var sums = SIMD4<Double>()
        for k in 0..<columns / 4 {
          let (a, b) = (i * columns + 4 * k, j * columns + 4 * k)
          let step =
            SIMD4(elements[a], elements[a + 1], elements[a + 2], elements[a + 3])
            - SIMD4(elements[b], elements[b + 1], elements[b + 2], elements[b + 3])
          sums += (step * scale) * (step * scale)
        }
        return (columns / 4 * 4..<columns).reduce(sums.sum()) { sum, k in
          let step = (elements[i * columns + k] - elements[j * columns + k]) * scale
          return sum + step * step
        }
      }
      guard sum > 0 || rest > .zero else { return .zero }
      let square = (UpperBound(proven: sum) + lost) / LowerBound.one.reduced(by: relative)
      return square.squareRoot() / LowerBound(proven: scale) + rest
    }
    return (0..<rows * rows).map { pair in
      let (i, j) = (pair / rows, pair % rows)
      return lower[max(i, j) * rows + min(i, j)]
    }
  }

  /// Whether the norm is certainly at most a number, by a factorization of c²I − AAᵀ; it is cheapest with
  /// fewer rows than columns.
  func isBounded(by claim: Double, _ workers: Workers) -> Bool {
    let rest = DirectedRounding.addDown(claim, -error.value)
    guard rest >= 0 else { return false }
    let size = absoluteSquare
    if size == .zero { return true }
    let firsts = Array(repeating: 0, count: rows)
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return false }
    let square = DirectedRounding.multiplyDown(rest, rest)
    subtractProduct(from: &matrix, workers)
    for i in 0..<rows { matrix[i, i] += square }
    // Each element is an inner product of two rows, and the diagonal is rounded once more.
    let rounding =
      AccumulatedError.gamma(columns + 4) * (UpperBound(proven: square) + size + size)
    let shift = matrix.factorizationError + rounding + UpperBound(proven: 0x1p-900)
    return shift.isFinite && matrix.factorize(minus: shift.value, workers)
  }

  /// Bounds ‖|R|‖² by the product of the largest sums of a row and of a column.
  private var absoluteSquare: UpperBound {
    var sums = Array(repeating: 0.0, count: columns)
    var largest = 0.0
    for row in 0..<rows {
      var sum = 0.0
      for column in 0..<columns {
        let size = elements[row * columns + column].magnitude
        sum += size
        sums[column] += size
      }
      largest = max(largest, sum)
    }
    return UpperBound(proven: largest) * UpperBound(proven: sums.max() ?? 0)
      * (.one + AccumulatedError.gamma(2 * max(rows, columns) + 4))
  }

  private func subtractProduct(from matrix: inout SymmetricMatrix, _ workers: Workers) {
    let height = 96
    elements.withUnsafeBufferPointer { elements in
      guard let a = elements.baseAddress else { return }
      let view = MatrixView(a, rowStride: columns)
      matrix.withElements { base, index in
        nonisolated(unsafe) let (base, index) = (base, index)
        let blocks = (rows + height - 1) / height
        workers.forEach(blocks) { block in
          // The last blocks have the most columns.
          let start = (blocks - 1 - block) * height
          let end = min(start + height, rows)
          var product = Array(repeating: 0.0, count: (end - start) * end)
          product.withUnsafeMutableBufferPointer { product in
            guard let c = product.baseAddress else { return }
            MatrixProduct.accumulate(
              view.from(start, 0), view, rows: end - start, columns: end, inner: columns, into: c,
              stride: end, part: .lower(offset: start), isSubtracted: true)
            for i in start..<end {
              for j in 0...i { base[index(i, j)] = c[(i - start) * end + j] }
            }
          }
        }
      }
    }
  }
}
