import ModelIR
import TensorGraph

/// A free matrix divided by its Frobenius norm.
///
/// - Bound: ‖W‖ ≤ ‖W‖_F ≤ 1 for every V.
/// - Cost: one pass over the weight.
/// - Reference: immediate.
struct FrobeniusParametrization: Parametrization {
  static let kind = "frobenius"

  init(from reader: inout ConfigReader) {}

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let size = (free * free).sum() + 1e-30
    return free / sqrt(size * Double(map.overlap))
  }
}
