import Enclosure
import MatrixProducts

/// The Cholesky factor of a positive definite form P with a diagonal near 1, by which rows bᵀΔ are bounded.
struct FactoredForm: Sendable {
  private let factor: SymmetricMatrix
  private let shift: Double

  /// Nil if P could not be factorized.
  ///
  /// - Parameter error: bounds the error of P and of one more row b with ‖b‖ < 512 and at most 8 on the diagonal.
  init?(_ matrix: inout SymmetricMatrix, error: UpperBound, _ workers: Workers) {
    let gamma = AccumulatedError.gamma(matrix.order + 8)
    let shift = (matrix.factorizationError + error + gamma * UpperBound(proven: 16)).value
    guard matrix.factorize(minus: shift, workers) else { return nil }
    (factor, self.shift) = (matrix, shift)
  }

  /// Bounds (bᵀΔ)² ≤ c²·ΔᵀPΔ by the last step of the factorization of [[P, b], [bᵀ, c²]].
  func constant(_ b: [Double]) -> UpperBound {
    let start = b.firstIndex { $0 != 0 } ?? b.count
    var square = factor.solved(b, from: start).reduce(0) { $0 + $1 * $1 }
    guard square > 0, square.isFinite else { return .infinity }
    // Brought into [1, 4), so that the room left for the last row suffices.
    let power = Double(sign: .plus, exponent: -Int(square.exponent) / 2, significand: 1)
    let scaled = b.map { $0 * power }
    square = factor.solved(scaled, from: start).reduce(0) { $0 + $1 * $1 }
    let pivot = square * (1 + 0x1p-40) + 8 * shift
    guard pivot < 8, pivot - shift - square > 0 else { return .infinity }
    return UpperBound(proven: pivot).squareRoot() * UpperBound(proven: 1 / power)
  }
}
