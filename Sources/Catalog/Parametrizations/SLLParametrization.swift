import ModelIR
import TensorGraph

/// Rows scaled by what they overlap with the others, with learned weights of the overlaps.
///
/// W = T^−½V for a free V [M, D], T the diagonal matrix of Σⱼ |(VVᵀ)ᵢⱼ|·qⱼ/qᵢ with q = eᵖ for a free vector p; with
/// q = 1 this is `aol`. The free tensor is V with the column p.
///
/// - Bound: with Q = diag(q), Q(T − VVᵀ)Q is symmetric and diagonally dominant, as the diagonal of QTQ holds
///   Σⱼ qᵢ|(VVᵀ)ᵢⱼ|qⱼ. So VVᵀ ≼ T and WWᵀ ≼ I: ‖W‖ ≤ 1 for every V and q.
/// - Cost: 2·M²·D operations for M rows of D elements; three times that with derivatives.
/// - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 3.
struct SLLParametrization: Parametrization {
  static let kind = "sll"

  init() {}
  init(from reader: inout ConfigReader) {}

  func check(_ map: FilterMap) throws(ShapeFault) {
    guard map.isMatrix else {
      throw ShapeFault(
        "with 'parametrization: sll' needs a weight without taps or groups",
        help: "use 'aol', which has no such condition")
    }
  }

  func freeShape(for map: FilterMap) -> [Int] { [map.rows, map.columns + 1] }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let rows = free.sliced(0..<map.columns, axis: 1)
    let q = exp(free.sliced(map.columns..<map.columns + 1, axis: 1).reshaped([map.rows]))
    let overlaps = abs(rows.dot(rows, transposeRight: true))
    let sums = (overlaps * q.broadcast(like: overlaps, axes: [1])).sum(axes: [1]) / q + 1e-30
    return rows / sqrt(sums).broadcast(like: rows, axes: [0])
  }
}
