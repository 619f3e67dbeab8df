import ModelIR
import TensorGraph

/// A free V divided by a bound on its norm.
///
/// G₀ = VVᵀ, G ← G², `iterations` times (each divided by its Frobenius norm, which is multiplied in again):
/// the bound is ‖G‖_F^(1/2ⁿ⁺¹) after n squarings. For filters G is the operator of correlations and the bound
/// takes the largest sum of the magnitudes of a row in place of ‖G‖_F.
///
/// - Bound: ‖V‖^(2ⁿ⁺¹) = ‖G‖ ≤ ‖G‖_F, and ‖G‖ is at most the largest row sum of a symmetric operator, so
///   ‖W‖ ≤ 1 for every V. For filters as for `aol`: zeros around the image and its border only leave rows and
///   columns out. The bound is at most rank^(1/2ⁿ⁺²) times the norm of a matrix.
/// - Cost: 2·M²·D + 2·M³·n operations for M rows of D elements, M ≤ D; more for filters, whose correlations
///   reach twice as far after each squaring; three times that with derivatives.
/// - Reference: Delattre et al. 2023 (Gram iteration); Miyato et al. 2018.
struct SpectralParametrization: Parametrization {
  static let kind = "spectral"
  static let mainKey: String? = "iterations"
  static let examples = ["", "{iterations: 2}"]

  private let iterations: Int?

  /// With the numbers of squarings that are usual.
  init() { iterations = nil }

  init(from reader: inout ConfigReader) {
    iterations = reader.readIfPresent(
      SpecKey("iterations", "the number n of squarings", .range(0...8)),
      otherwise: "4 for matrices, 1 for filters")
  }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    map.isMatrix
      ? free / matrixNorm(free, isTall: map.rows > map.columns) : free / filterNorm(free, map)
  }

  private func matrixNorm(_ free: Tensor, isTall: Bool) -> Tensor {
    var gram = free.dot(free, transposeLeft: isTall, transposeRight: !isTall)
    var sizes = [gram.euclideanNorm() + 1e-30]
    for _ in 0..<(iterations ?? 4) {
      let scaled = gram / sizes[sizes.count - 1]
      gram = scaled.dot(scaled, transposeRight: true)
      sizes.append(gram.euclideanNorm())
    }
    return root(of: sizes)
  }

  private func filterNorm(_ free: Tensor, _ map: FilterMap) -> Tensor {
    var kernel = free.correlations(of: map)
    var sizes: [Tensor] = []
    for _ in 0..<(iterations ?? 1) {
      sizes.append(kernel.euclideanNorm() + 1e-30)
      kernel = (kernel / sizes[sizes.count - 1]).squaredKernel(groups: map.window.groups)
    }
    return root(of: sizes + [abs(kernel).sum(axes: [0, 2, 3]).maximum() + 1e-30])
  }

  /// √(f₀√(f₁√(f₂…))).
  private func root(of sizes: [Tensor]) -> Tensor {
    let last = sizes[sizes.count - 1]
    return sqrt(sizes.dropLast().reversed().reduce(last) { $1 * sqrt($0) })
  }
}

extension Tensor {
  /// The kernel of G² for the kernel [M/groups, M, δ, δ] of a symmetric operator G.
  fileprivate func squaredKernel(groups: Int) -> Tensor {
    let (share, filters, extent) = (shape[0], shape[1], [shape[2], shape[3]])
    let byGroup = reshaped([share, groups, share] + extent)
    let rows = byGroup.transposed([1, 0, 2, 3, 4]).reshaped([filters, share] + extent)
    let zeros = extent.map { $0 - 1 }
    return convolved(
      with: rows,
      ConvolutionWindow(
        kernel: extent, paddingLow: zeros, paddingHigh: zeros, groups: groups))
  }
}
