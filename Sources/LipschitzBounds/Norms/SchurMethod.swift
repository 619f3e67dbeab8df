import Enclosure
import MatrixProducts

/// √(‖A‖₁ ‖A‖∞), or the Frobenius norm if it is smaller: one pass over the weights, up to √n too large.
///
/// ‖A‖₂² ≤ ‖A‖₁ ‖A‖∞ (Schur; Horn, Johnson, Matrix Analysis, §5.6). Used for operators that are too large
/// for the other methods.
struct SchurMethod: NormMethod {
  static let name = "schur"
  static let theorem = "‖A‖² ≤ ‖A‖₁·‖A‖∞ and ‖A‖ ≤ ‖A‖_F"
  static let summary = "one pass over the weights; up to √n above the norm"

  func cost(of block: any LinearBlock) -> Double? { Double(block.rows + block.columns) }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    BlockBound(upper: block.magnitude, reason: "row and column sums")
  }
}
