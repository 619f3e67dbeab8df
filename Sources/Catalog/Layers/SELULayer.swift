import BoundAlgebra
import ModelIR
import TensorGraph

/// The scaled exponential linear unit: f(x) = λx for x > 0, λα(eˣ − 1) otherwise.
///
/// λ = 1.05070098735548… and α = 1.67326324235437…, for which mean 0 and variance 1 are a fixed point.
/// The stored network and the bound use λ and λα rounded to float32.
///
/// - Shapes: any, kept.
/// - Bound: f′ is λ above 0 and in (0, λα] below; constant λα = 1.75809934…, approached from below 0.
/// - Cost: one pass over the elements.
/// - Reference: Klambauer et al. 2017.
struct SELULayer: KeylessElementwiseLayer {
  static let kind = "selu"

  private static let slope = StoredConstant(1.050700987355480493)
  private static let depth = StoredConstant(1.758099340847376854)

  var slopes: Slopes { Slopes(positive: Self.depth.magnitude) }

  func apply(to x: Tensor) -> Tensor {
    exponentialLinear(x, slope: Self.slope.value, depth: Self.depth.value)
  }
}
