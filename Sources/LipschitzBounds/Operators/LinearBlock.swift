import Enclosure
import MatrixProducts

/// A linear map A with coefficients in Double, scaled so that the largest magnitude lies in [1, 2), for
/// composed maps in [2⁻⁶⁴, 2⁶⁵).
///
/// Products of two coefficients may be rounded: those of a layer's own weights, which are float32 numbers,
/// are exact, but those of composed maps are not.
protocol LinearBlock: Sendable {
  /// The dimension of A x.
  var rows: Int { get }
  /// The dimension of x.
  var columns: Int { get }
  /// Bounds ‖ |A| ‖₂ by √(‖A‖₁ ‖A‖∞) (Schur) or by the Frobenius norm.
  var magnitude: UpperBound { get }
  /// The number of roundings in one element of A x or Aᵀ y.
  var terms: Int { get }
  /// The multiplications of one A x or Aᵀ y.
  var applicationCost: Double { get }
  /// A and Aᵀ, prepared for many vectors.
  var action: LinearAction { get }
  /// The size of A Aᵀ or Aᵀ A, whichever is cheaper to factorize.
  var gramShape: GramShape { get }
  /// A Aᵀ or Aᵀ A, as ``gramShape`` says.
  func gram(_ workers: Workers) -> GramMatrix
}

/// A linear map and its transpose, applied to vectors.
struct LinearAction: Sendable {
  /// A x.
  let forward: @Sendable ([Double]) -> [Double]
  /// Aᵀ y.
  let adjoint: @Sendable ([Double]) -> [Double]

  /// A Aᵀ, or Aᵀ A.
  func gram(isOutputSide: Bool) -> ([Double]) -> [Double] {
    { isOutputSide ? forward(adjoint($0)) : adjoint(forward($0)) }
  }
}

/// The size of a Gram matrix.
struct GramShape: Sendable {
  /// Whether it is A Aᵀ instead of Aᵀ A.
  let isOutputSide: Bool
  let order: Int
  let bandwidth: Int
  /// The multiplications to compute it.
  let cost: Double

  /// The multiplications of one Cholesky factorization.
  var factorCost: Double {
    let (n, b) = (Double(order), Double(bandwidth + 1))
    return b * b * (n / 2 - b / 3)
  }
}

/// A computed Gram matrix with a bound on its error in the spectral norm.
struct GramMatrix: Sendable {
  let matrix: BandMatrix
  let error: UpperBound

  /// Whether the block is 0: the diagonal elements are sums of exact squares.
  var isZero: Bool { (0..<matrix.order).allSatisfy { matrix.diagonal($0) == 0 } }
}

extension LinearBlock {
  /// ‖A v‖/‖v‖ rounded down, or ‖Aᵀ v‖/‖v‖ for v on the output side.
  ///
  /// The error of the computed image is at most γ ‖ |A| ‖ ‖v‖. Aᵀ has the same norm as A.
  func quotient(at vector: [Double], isOutputSide: Bool) -> LowerBound {
    let action = action
    let image = isOutputSide ? action.adjoint(vector) : action.forward(vector)
    let length = AccumulatedError.euclideanNorm(vector)
    let error =
      AccumulatedError.gamma(terms + 1) * magnitude * length.upper + UpperBound(proven: 0x1p-900)
    let imageLength = AccumulatedError.euclideanNorm(image).lower.reduced(by: error)
    return imageLength / length.upper
  }
}

/// Sums that are rounded up.
enum UpwardSum {
  /// A bound on the exact sum of `count` magnitudes whose rounded sum is `sum`.
  static func bound(_ sum: Double, count: Int) -> UpperBound {
    UpperBound(proven: sum) / LowerBound.one.reduced(by: AccumulatedError.gamma(count))
  }

  /// A bound on the root of the exact sum of `count` squares whose rounded sum is `sum`.
  ///
  /// A square that underflows has an error of at most 2⁻¹⁰⁷⁵.
  static func root(ofSquares sum: Double, count: Int) -> UpperBound {
    let underflow = UpperBound(integer: count) * UpperBound(proven: 0x1p-1074)
    return (bound(sum, count: count + 1) + underflow + underflow).squareRoot()
  }
}
