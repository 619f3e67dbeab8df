import Enclosure
import MatrixProducts

@testable import LipschitzBounds

/// The Frobenius norm of an explicit matrix: one pass, up to √n too large.
///
/// ‖A‖₂ ≤ ‖A‖_F. The sum of squares is rounded upward.
struct FrobeniusMethod: NormMethod {
  static let name = "frobenius"
  static let theorem = "‖A‖² ≤ Σ aᵢⱼ²"
  static let summary = "the root of the sum of squares; exact for rank 1, up to √n too large"

  func cost(of block: any LinearBlock) -> Double? {
    (block as? DenseBlock).map { Double($0.elements.count) }
  }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    guard let dense = block as? DenseBlock else {
      return BlockBound(upper: block.magnitude, reason: "row and column sums")
    }
    return BlockBound(
      upper: AccumulatedError.euclideanNorm(dense.elements).upper, reason: "sum of squares")
  }
}
