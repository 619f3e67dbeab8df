import ModelIR
import TensorGraph

/// An orthogonal square matrix by Cayley's transform.
///
/// W = (I − A)(I + A)⁻¹ with A = V − Vᵀ for a free V. It is computed as (C⁻¹M)ᵀ(C⁻¹Mᵀ) with M = I + A and
/// C Cᵀ = MᵀM = I + AᵀA, which a skew-symmetric A makes the same as MMᵀ. For filters of overlapping windows
/// W is divided by the root of the number of windows that read one element.
///
/// - Bound: A is skew-symmetric, so W is orthogonal: ‖W‖ = 1 for every V. Filters as for `orthogonal`.
/// - Cost: about 25·N³ operations a step for N rows.
/// - Reference: Cayley 1846; Trockman, Kolter 2021.
struct CayleyParametrization: Parametrization {
  static let kind = "cayley"

  init(from reader: inout ConfigReader) {}

  func check(_ map: FilterMap) throws(ShapeFault) {
    guard map.rows == map.columns else {
      throw ShapeFault(
        "with 'parametrization: cayley' needs a square weight, found \([map.rows, map.columns])",
        help: "use 'orthogonal' or 'bro', which have no such condition")
    }
  }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let skew = free - free.transposed([1, 0])
    let identity = free.builder.identity(map.rows)
    let (sum, difference) = (identity + skew, identity - skew)
    let factor = sum.dot(difference).cholesky()
    let product = factor.solving(sum).dot(factor.solving(difference), transposeLeft: true)
    return product / Double(map.overlap).squareRoot()
  }
}
