import Enclosure

/// A linear map A with explicit coefficients in Double, scaled so that the largest lies in [1, 2).
///
/// Products of two coefficients may round: a layer's own weights are float32 numbers, whose products are
/// exact, but those of composed maps are not.
protocol LinearBlock: Sendable {
  /// The dimension of the image.
  var rows: Int { get }
  /// The dimension of the argument.
  var columns: Int { get }
  /// Bounds ‖ |A| ‖₂ by √(‖A‖₁ ‖A‖∞) (Schur) or the Frobenius norm, of the magnitudes.
  var magnitude: UpperBound { get }
  /// Roundings in one element of A x or Aᵀ y.
  var terms: Int { get }
  /// A x.
  func forward(_ x: [Double]) -> [Double]
  /// Aᵀ y.
  func adjoint(_ y: [Double]) -> [Double]
  /// Which of A Aᵀ and Aᵀ A is cheaper to factorise.
  var gramShape: GramShape { get }
  /// A Aᵀ or Aᵀ A as ``gramShape`` says.
  func gram() -> GramMatrix
}

/// The size of a Gram matrix.
struct GramShape: Sendable {
  /// Whether it is A Aᵀ.
  let isOutputSide: Bool
  let order: Int
  let bandwidth: Int
  /// Operations to compute it.
  let cost: Double

  /// Operations of one Cholesky factorisation.
  var factorCost: Double { Double(order) * Double(bandwidth + 1) * Double(bandwidth + 1) }
}

/// A computed Gram matrix and how far it may be from the exact one in the spectral norm.
struct GramMatrix: Sendable {
  let matrix: BandMatrix
  let error: UpperBound

  /// Whether the block is 0: diagonals are sums of exact squares.
  var isZero: Bool { (0..<matrix.order).allSatisfy { matrix.diagonal($0) == 0 } }
}

extension LinearBlock {
  /// ‖A v‖/‖v‖ rounded down, for v on the side that the Gram matrix acts on.
  ///
  /// The computed image is off by at most γ ‖ |A| ‖ ‖v‖; Aᵀ has the norm of A.
  func quotient(at vector: [Double], isOutputSide: Bool) -> LowerBound {
    let image = isOutputSide ? adjoint(vector) : forward(vector)
    let length = AccumulatedError.euclideanNorm(vector)
    let error =
      AccumulatedError.gamma(terms + 1) * magnitude * length.upper + UpperBound(proven: 0x1p-900)
    let imageLength = AccumulatedError.euclideanNorm(image).lower.reduced(by: error)
    return imageLength / length.upper
  }
}

/// Sums rounded up.
enum UpwardSum {
  /// A bound on the exact sum of `count` magnitudes whose rounded sum is `sum`.
  static func bound(_ sum: Double, count: Int) -> UpperBound {
    UpperBound(proven: sum) / LowerBound.one.reduced(by: AccumulatedError.gamma(count))
  }
}
