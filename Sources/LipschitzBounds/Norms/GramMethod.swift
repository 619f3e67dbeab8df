import Enclosure
import MatrixProducts

/// Gram iteration: λ₁(G)^{2ᵗ} = λ₁(G^{2ᵗ}) ≤ ‖G^{2ᵗ}‖_F, in Double with every rounding counted.
///
/// Delattre, Barthélemy, Araujo, Allauzen 2023; the error analysis is ours, see `docs/soundness.md`.
/// Before each squaring the matrix is scaled by a power of two to a Frobenius norm near 1. The computed
/// square Ŝ of Ĝ satisfies ‖Ŝ − Ĝ²‖ ≤ γₙ ‖Ĝ‖_F², hence λ₁(Ĝ) ≤ √(λ₁(Ŝ) + γₙ ‖Ĝ‖_F²). The iteration stops
/// when a squaring improves the bound by less than a relative 10⁻¹⁰. Each squaring takes n³/2 multiplications. For
/// rank r the bound is at most r^{2^−(t+1)} times the norm.
struct GramMethod: NormMethod {
  static let name = "gram"
  static let theorem = "λ₁(G)^(2^t) ≤ ‖G^(2^t)‖_F for every t"
  static let summary = "repeated squaring of the Gram matrix; converges quadratically"

  private static let largestOrder = 2048
  private static let mostSquarings = 24
  private static let leastGain = 1e-10

  func cost(of block: any LinearBlock) -> Double? {
    let shape = block.gramShape
    guard shape.order <= Self.largestOrder else { return nil }
    let order = Double(shape.order)
    return shape.cost + 7 * order * order * order
  }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    let shape = block.gramShape
    let gram = block.gram(workers)
    if gram.isZero { return BlockBound(upper: .zero, reason: "the map is 0") }
    let (eigenvalue, count) = Self.largestEigenvalue(of: gram.matrix, workers)
    return BlockBound(
      upper: min((eigenvalue + gram.error).squareRoot(), block.magnitude),
      reason: "\(count) squarings of the Gram matrix of order \(shape.order)")
  }

  /// Bounds the largest eigenvalue of a positive semidefinite matrix; also returns the number of squarings.
  static func largestEigenvalue(
    of band: BandMatrix, _ workers: Workers
  ) -> (UpperBound, Int) {
    var current = dense(band)
    var levels: [(scale: Double, error: UpperBound)] = []
    var best = UpperBound.infinity
    for count in 0...mostSquarings {
      let norm = AccumulatedError.euclideanNorm(current).upper
      let bound = unwind(norm, levels)
      let hasConverged = !(bound.value < best.value * (1 - leastGain))
      best = min(best, bound)
      if hasConverged || norm == .zero || !norm.isFinite { return (best, count) }
      if count == mostSquarings { break }
      // Division by a power of two near the norm is exact, except for entries that underflow.
      let scale = Double(sign: .plus, exponent: Int(norm.value.exponent) + 1, significand: 1)
      let underflow = UpperBound(integer: band.order) * UpperBound(proven: 0x1p-1000)
      let scaled = current.map { $0 / scale }
      let size = AccumulatedError.euclideanNorm(scaled).upper
      let rounding = AccumulatedError.gamma(band.order + 1) * size * size
      levels.append((scale, rounding + underflow))
      current = square(scaled, band.order, workers)
    }
    return (best, mostSquarings)
  }

  /// λ(G) ≤ scale·(√(λ(S) + error) + underflow) from the last square back to the first.
  private static func unwind(
    _ last: UpperBound, _ levels: [(scale: Double, error: UpperBound)]
  ) -> UpperBound {
    levels.reversed().reduce(last) { eigenvalue, level in
      ((eigenvalue + level.error).squareRoot() + UpperBound(proven: 0x1p-900))
        * UpperBound(proven: level.scale)
    }
  }

  private static func dense(_ band: BandMatrix) -> [Double] {
    let order = band.order
    var full = Array(repeating: 0.0, count: order * order)
    for i in 0..<order {
      for j in band.layout.origin(i)...i {
        full[i * order + j] = band.elements[band.layout.offset(i, j)]
        full[j * order + i] = full[i * order + j]
      }
    }
    return full
  }

  /// The square of a symmetric matrix.
  private static func square(_ matrix: [Double], _ order: Int, _ workers: Workers) -> [Double] {
    var lower = BandMatrix(order: order, bandwidth: order - 1)
    matrix.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      lower.addProducts(of: MatrixView(base, rowStride: order), inner: order, workers)
    }
    return dense(lower)
  }
}
