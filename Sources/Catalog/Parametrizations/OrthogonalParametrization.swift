import ModelIR
import TensorGraph

/// Orthonormal rows, or columns if there are fewer, by a Cholesky factorization.
///
/// W = C⁻¹V for a free V with no more rows than columns, C Cᵀ = VVᵀ + εI, and the transposed for one with
/// more. For filters of overlapping windows W is divided by the root of the number of windows that read
/// one element.
///
/// - Bound: W Wᵀ = C⁻¹ VVᵀ C⁻ᵀ ≼ C⁻¹(VVᵀ + εI)C⁻ᵀ = I, so ‖W‖ ≤ 1 for every V, with all singular values 1
///   up to ε, which is 10⁻⁵ times the mean of V's squared row norms. A convolution A whose elements are
///   read by at most n windows has ‖Ax‖² = Σ ‖W·patch‖² ≤ ‖W‖² n‖x‖². With disjoint windows (`kernel` no
///   larger than `stride`) nothing is lost; with n > 1 the convolution is 1-Lipschitz, not orthogonal.
/// - Cost: about 6·M²·D operations a step for M rows of D elements, M ≤ D, beside 8·M·D a sample, 2·M·D of them
///   because of the factorization. With 256 units, 256 inputs and batches of 100 these are four times the
///   operations of a free layer, and take about four times as long on one thread.
/// - Reference: Hu et al. 2023, "A recipe for improved certifiable robustness" (Cholesky
///   orthogonalization); Li et al. 2019 (reshaped kernels).
struct OrthogonalParametrization: Parametrization {
  static let kind = "orthogonal"

  init(from reader: inout ConfigReader) {}

  var keepsItsWeights: Bool { true }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    free.withFewerRows { $0.orthonormalRows() } / Double(map.overlap).squareRoot()
  }
}

extension Tensor {
  /// The result of `body` for this matrix, or for the transposed one if that has fewer rows, as a matrix of this
  /// shape.
  func withFewerRows(_ body: (Tensor) -> Tensor) -> Tensor {
    shape[0] > shape[1] ? body(transposed([1, 0])).transposed([1, 0]) : body(self)
  }

  /// C⁻¹V with C Cᵀ = VVᵀ + εI, for V [M, D] with M ≤ D: rows that are orthonormal up to ε.
  ///
  /// With C and ε held constant, X = C⁻¹V is linear in V, and dW = dX − Φ(dX·Wᵀ + W·dXᵀ)·W, where Φ keeps
  /// the lower triangle and halves the diagonal (Murray 2016). This takes half the products that the
  /// derivative of C takes.
  func orthonormalRows() -> Tensor {
    let v = stopGradient(self)
    let share = (v * v).sum() * (1e-5 / Double(shape[0])) + 1e-30
    let gram = v.dot(v, transposeRight: true) + share * builder.identity(shape[0])
    let x = gram.cholesky().solving(self)
    let w = stopGradient(x)
    let overlap = x.dot(w, transposeRight: true)
    let turn = (overlap + overlap.transposed([1, 0])).lowerTriangle(diagonal: 0.5)
    return withDerivative(w, of: x - turn.dot(w))
  }
}
