import ModelIR
import TensorGraph

/// Nearly orthonormal rows or columns by Björck and Bowie's iteration: products of matrices only.
///
/// W₀ = V/‖VVᵀ‖_F^½ for a free V, W ← 1.5·W − 0.5·WWᵀW, `iterations` times. For filters of overlapping
/// windows W is divided by the root of the number of windows that read one element.
///
/// - Bound: ‖VVᵀ‖_F^½ = (Σ s⁴)^¼ is at least the largest singular value, so those of W₀ are in [0, 1]. A step
///   maps each of them by s ↦ 1.5·s − 0.5·s³, which maps [0, 1] into itself. So ‖W‖ ≤ 1 for every V and
///   every number of iterations; more of them bring the singular values nearer to 1. Filters as for
///   `orthogonal`.
/// - Cost: about 12·M²·D operations an iteration and step for M rows of D elements, M ≤ D.
/// - Reference: Björck, Bowie 1971; Anil, Lucas, Grosse 2019.
struct BjorckParametrization: Parametrization {
  static let kind = "bjorck"
  static let mainKey: String? = "iterations"
  static let examples = ["", "{iterations: 3}"]

  private let iterations: Int

  init(from reader: inout ConfigReader) {
    iterations = reader.read("iterations", default: 8, "how often W is replaced", .range(1...100))
  }

  var keepsItsWeights: Bool { false }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    free.withFewerRows(iterated) / Double(map.overlap).squareRoot()
  }

  private func iterated(_ free: Tensor) -> Tensor {
    var w = free
    var gram = w.dot(w, transposeRight: true)
    let size = gram.euclideanNorm() + 1e-30
    (w, gram) = (w / sqrt(size), gram / size)
    for step in 0..<iterations {
      if step > 0 { gram = w.dot(w, transposeRight: true) }
      w = w * 1.5 - gram.dot(w) * 0.5
    }
    return w
  }
}
