import BoundAlgebra
import ModelIR
import TensorGraph

/// Rows of length 1: the last layer's normalization.
///
/// Row i of W is vᵢ/‖vᵢ‖ for a free V.
///
/// - Bound: ‖W‖ ≤ ‖W‖_F ≤ √M for M rows. Each output is 1-Lipschitz, and a difference of two is at most
///   2-Lipschitz; the exact distance of the rows, which certificates use, is mostly near √2.
/// - Cost: one pass over the weight.
/// - Reference: Singla, Feizi 2022 (last layer normalization).
struct UnitRowsParametrization: Parametrization {
  static let kind = "unit_rows"

  init(from reader: inout ConfigReader) {}

  var keepsItsWeights: Bool { true }

  func check(_ map: FilterMap) throws(ShapeFault) {
    guard map.isMatrix, map.window.strides == [1, 1] else {
      throw ShapeFault(
        "with 'parametrization: unit_rows' needs a weight without taps or groups",
        help: "use it for the last 'dense'")
    }
  }

  func constant(of map: FilterMap) -> BoundConstant { .squareRoot(map.rows, 1) }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    let lengths = sqrt((free * free).sum(axes: [1]) + 1e-30)
    return free / lengths.broadcast(like: free, axes: [0])
  }
}
