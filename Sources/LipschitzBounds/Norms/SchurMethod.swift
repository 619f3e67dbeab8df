import Enclosure

/// √(‖A‖₁ ‖A‖∞), or the Frobenius norm where it is smaller: one pass, up to √n too large.
///
/// ‖A‖₂² ≤ ‖A‖₁ ‖A‖∞ (Schur; Horn, Johnson, Matrix Analysis, §5.6). For maps too large for the time
/// that may be spent.
struct SchurMethod: NormMethod {
  static let name = "schur"
  static let theorem = "‖A‖² ≤ ‖A‖₁·‖A‖∞ and ‖A‖ ≤ ‖A‖_F"
  static let summary = "one pass over the weights; up to √n above the norm"

  func cost(of block: any LinearBlock) -> Double? { Double(block.rows + block.columns) }

  func bound(_ block: any LinearBlock) -> BlockBound {
    BlockBound(upper: block.magnitude, reason: "row and column sums")
  }
}
