import Enclosure
import MatrixProducts

/// The norm from the largest eigenvalue of the smaller Gram matrix, certified by a Cholesky
/// factorization that runs to completion; see ``PositiveDefiniteness``.
///
/// A Lanczos estimate is enlarged by a relative 10⁻¹⁰. After each factorization that fails, the increment
/// is multiplied by eight. For a convolution the Gram matrix in the order (h, w, channel) is banded, so a
/// factorization takes n·b² operations instead of n³/3. Tight to about 10⁻⁹.
struct CholeskyMethod: NormMethod {
  static let name = "cholesky"
  static let theorem = "tI − AᵀA + Δ = RᵀR ⪰ 0 with Rump's bound on Δ"
  static let summary = "the Gram matrix of the smaller side; within 1e-6 of the norm"

  private static let firstIncrement = 1e-10
  private static let growth = 8.0
  private static let attempts = 16

  func cost(of block: any LinearBlock) -> Double? {
    let shape = block.gramShape
    let product = min(block.applicationCost, Double(shape.order) * Double(shape.bandwidth + 1))
    return shape.cost + 1.5 * shape.factorCost + min(300 * product, 3 * shape.factorCost)
  }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    let shape = block.gramShape
    let gram = block.gram(workers)
    if gram.isZero { return BlockBound(upper: .zero, reason: "the map is 0") }
    let top = LanczosEstimate(order: shape.order, times: Self.times(block, gram.matrix, shape))
    var workspace: [Double] = []
    let eigenvalue = Self.largestEigenvalue(
      of: gram.matrix, estimate: top.value, workspace: &workspace, workers)
    return BlockBound(
      upper: min((eigenvalue + gram.error).squareRoot(), block.magnitude),
      direction: (top.vector, shape.isOutputSide),
      reason: "Gram matrix of order \(shape.order), bandwidth \(shape.bandwidth)")
  }

  /// The product with the Gram matrix, or with A and Aᵀ if that is quicker: a product with a matrix of the
  /// memory takes about as long as six multiplications for each element.
  private static func times(
    _ block: any LinearBlock, _ matrix: BandMatrix, _ shape: GramShape
  ) -> ([Double]) -> [Double] {
    let isSparse =
      2 * block.applicationCost < 6 * Double(shape.order) * Double(shape.bandwidth)
      && shape.bandwidth < shape.order - 1
    return isSparse
      ? block.action.gram(isOutputSide: shape.isOutputSide) : { matrix.times($0) }
  }

  /// Bounds the largest eigenvalue of a symmetric matrix from above, tightly if the estimate is good.
  static func largestEigenvalue(
    of matrix: BandMatrix, estimate: Double, workspace: inout [Double],
    _ workers: Workers = .single
  ) -> UpperBound {
    let rowSum =
      UpperBound(proven: matrix.largestRowSum)
      / LowerBound.one.reduced(by: AccumulatedError.gamma(2 * matrix.order))
    var increment = max(
      8 * PositiveDefiniteness.slack(estimate, matrix).value, firstIncrement * estimate)
    for _ in 0..<attempts {
      let t = estimate + increment
      if !(t < rowSum.value) { break }
      if PositiveDefiniteness.factorizes(t, minus: matrix, &workspace, workers) {
        return UpperBound(proven: t) + PositiveDefiniteness.slack(t, matrix)
      }
      increment *= growth
    }
    return rowSum
  }
}
