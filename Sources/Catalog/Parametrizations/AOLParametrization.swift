import ModelIR
import TensorGraph

/// Almost orthogonal layers: each row or column of a free V is scaled by what it overlaps with the others.
///
/// W = D^−½V with D the diagonal of the sums Σⱼ |(VVᵀ)ᵢⱼ|, or the same for the columns if there are fewer.
/// For filters VVᵀ is the operator of all correlations of two filters that the stride can reach.
///
/// - Bound: D − VVᵀ is symmetric and diagonally dominant, so VVᵀ ≼ D and WWᵀ ≼ I: ‖W‖ ≤ 1 for every V.
///   For filters this holds for the convolution of the whole plane; zeros around the image and its border
///   only leave rows and columns out, so the zero-padded, strided operator itself is 1-Lipschitz. W is
///   orthogonal where V is.
/// - Cost: 2·M²·D operations for M rows of D elements, M ≤ D; for filters times the number of distances at
///   which two of them overlap; three times that with derivatives.
/// - Reference: Prach, Lampert 2022, theorem 1.
struct AOLParametrization: Parametrization {
  static let kind = "aol"

  init(from reader: inout ConfigReader) {}

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    if map.isMatrix {
      let isTall = map.rows > map.columns
      let gram = free.dot(free, transposeLeft: isTall, transposeRight: !isTall)
      let sums = abs(gram).sum(axes: [1]) + 1e-30
      return free / sqrt(sums).broadcast(like: free, axes: [isTall ? 1 : 0])
    }
    let sums = abs(free.correlations(of: map)).sum(axes: [0, 2, 3]) + 1e-30
    return free / sqrt(sums).broadcast(like: free, axes: [0])
  }
}

extension Tensor {
  /// The correlations of filters V [M, C/groups·kh·kw] at the distances that the stride can reach, as the
  /// kernel [M/groups, M, …] of AAᵀ: those of filter n of a group with filter m, A the convolution of the
  /// whole plane.
  func correlations(of map: FilterMap) -> Tensor {
    let (groups, kernel, steps) = (map.window.groups, map.window.kernel, map.tapSteps)
    let share = map.filters / groups
    let filters = reshaped(map.filterShape)
    let images = filters.reshaped([groups, share, map.channels] + kernel)
      .transposed([1, 0, 2, 3, 4]).reshaped([share, groups * map.channels] + kernel)
    let zeros = zip(kernel, steps).map { ($0 - 1) / $1 * $1 }
    return images.convolved(
      with: filters,
      ConvolutionWindow(
        kernel: kernel, strides: steps, paddingLow: zeros, paddingHigh: zeros, groups: groups))
  }
}
