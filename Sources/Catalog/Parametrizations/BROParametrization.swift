import ModelIR
import TensorGraph

/// A block reflector: a part of an orthogonal matrix of low rank beside the identity.
///
/// I − 2V(VᵀV + εI)⁻¹Vᵀ for a free V [N, r], of which W takes the first rows or columns, N being the larger
/// number of either. It is computed as I − 2UᵀU with U = C⁻¹Vᵀ and C Cᵀ = VᵀV + εI. For filters of
/// overlapping windows W is divided by the root of the number of windows that read one element.
///
/// - Bound: the matrix is symmetric with eigenvalues 1 − 2s²/(s² + ε), s a singular value of V, or 1. They
///   are in [−1, 1] for every V and ε ≥ 0, and a part of a matrix has no larger norm. So ‖W‖ ≤ 1. Filters as
///   for `orthogonal`.
/// - Cost: about 14·r²·N + 6·M·r·N operations a step for M rows.
/// - Reference: Lai et al. 2025, BRONet; Dietrich 1976.
struct BROParametrization: Parametrization {
  static let kind = "bro"
  static let mainKey: String? = "rank"
  static let examples = ["", "{rank: 1}"]

  private let rank: Int?

  init(from reader: inout ConfigReader) {
    rank = reader.readIfPresent(
      SpecKey("rank", "the number r of columns of V", .range(1...(1 << 20))),
      otherwise: "half the smaller extent of W")
  }

  func check(_ map: FilterMap) throws(ShapeFault) {
    guard let rank, rank > max(map.rows, map.columns) else { return }
    throw ShapeFault(
      "with 'parametrization: bro' needs a 'rank' of at most \(max(map.rows, map.columns)), "
        + "found \(rank)")
  }

  func freeShape(for map: FilterMap) -> [Int] {
    let half = max(1, min(map.rows, map.columns) / 2)
    return [max(map.rows, map.columns), rank ?? half]
  }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let order = free.shape[0]
    let basis = free.transposed([1, 0]).orthonormalRows()
    let identity = free.builder.identity(order)
    let isTall = map.rows > map.columns
    let kept = min(map.rows, map.columns)
    let rows =
      identity.sliced(0..<kept, axis: 0)
      - 2 * basis.sliced(0..<kept, axis: 1).dot(basis, transposeLeft: true)
    return (isTall ? rows.transposed([1, 0]) : rows) / Double(map.overlap).squareRoot()
  }
}
