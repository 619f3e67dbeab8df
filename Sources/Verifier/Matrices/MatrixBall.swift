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

  /// Bounds the distance of two rows.
  func distance(_ i: Int, _ j: Int) -> UpperBound {
    let differences = (0..<columns).map {
      elements[i * columns + $0] - elements[j * columns + $0]
    }
    // ‖(eᵢ − eⱼ)ᵀE‖ ≤ √2·‖E‖.
    return AccumulatedError.euclideanNorm(differences, roundings: 1).upper
      + UpperBound(proven: 2).squareRoot() * error
  }

  /// Whether the norm is certainly at most a number, by a factorization of c²I − AAᵀ; it is cheapest with
  /// fewer rows than columns.
  func isBounded(by claim: Double, _ workers: Workers) -> Bool {
    let rest = DirectedRounding.addDown(claim, -error.value)
    guard rest >= 0 else { return false }
    let map = LinearMap(full: elements, inputs: columns)
    if map.isZero { return true }
    let firsts = Array(repeating: 0, count: rows)
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return false }
    let square = DirectedRounding.multiplyDown(rest, rest)
    subtractProduct(from: &matrix, workers)
    for i in 0..<rows { matrix[i, i] += square }
    let size = map.profile.absoluteNorm * map.profile.absoluteNorm
    // Each element is an inner product of two rows, and the diagonal is rounded once more.
    let rounding =
      AccumulatedError.gamma(columns + 4) * (UpperBound(proven: square) + size + size)
    let shift = matrix.factorizationError + rounding + UpperBound(proven: 0x1p-900)
    return shift.isFinite && matrix.factorize(minus: shift.value, workers)
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
