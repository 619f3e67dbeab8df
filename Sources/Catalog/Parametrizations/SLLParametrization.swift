import ModelIR
import TensorGraph

/// Rows scaled by what they overlap with the others, with learned weights of the overlaps.
///
/// W = T^−½V for a free V [M, D], T the diagonal matrix of Σⱼ |(VVᵀ)ᵢⱼ|·qⱼ/qᵢ with q = eᵖ for a free vector p; with
/// q = 1 this is `aol`. The free tensor is V with the column p. For filters VVᵀ is the operator of all correlations of
/// two filters that the stride can reach, and q has a number for each filter.
///
/// - Bound: with Q = diag(q), Q(T − VVᵀ)Q is symmetric and diagonally dominant, as the diagonal of QTQ holds
///   Σⱼ qᵢ|(VVᵀ)ᵢⱼ|qⱼ. So VVᵀ ≼ T and WWᵀ ≼ I: ‖W‖ ≤ 1 for every V and q. For filters as for `aol`: this holds
///   for the convolution of the whole plane, of which zeros around the image and its border only leave rows and
///   columns out.
/// - Cost: 2·M²·D operations for M rows of D elements; for filters times the number of distances at which two of them
///   overlap; three times that with derivatives.
/// - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 3.
struct SLLParametrization: Parametrization {
  static let kind = "sll"

  init() {}
  init(from reader: inout ConfigReader) {}

  func freeShape(for map: FilterMap) -> [Int] { [map.rows, map.columns + 1] }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let rows = free.sliced(0..<map.columns, axis: 1)
    let q = exp(free.sliced(map.columns..<map.columns + 1, axis: 1).reshaped([map.rows]))
    let sums = weightedSums(of: rows, q, map) / q + 1e-30
    return rows / sqrt(sums).broadcast(like: rows, axes: [0])
  }

  /// Σⱼ |(VVᵀ)ᵢⱼ|·qⱼ for each row or filter i.
  private func weightedSums(of rows: Tensor, _ q: Tensor, _ map: FilterMap) -> Tensor {
    if map.isMatrix {
      let overlaps = abs(rows.dot(rows, transposeRight: true))
      return (overlaps * q.broadcast(like: overlaps, axes: [1])).sum(axes: [1])
    }
    // Of the filters of a group with each filter: the weights are those of the filter's own group.
    let groups = map.window.groups
    let share = map.filters / groups
    let overlaps = abs(rows.correlations(of: map)).sum(axes: [2, 3])
    let weights = q.reshaped([groups, share]).transposed([1, 0])
      .broadcast(to: [share, groups, share], axes: [0, 1]).reshaped([share, map.filters])
    return (overlaps * weights).sum(axes: [0])
  }
}
