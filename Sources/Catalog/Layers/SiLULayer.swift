import BoundAlgebra
import ModelIR
import TensorGraph

/// The sigmoid linear unit: f(x) = x/(1 + e⁻ˣ).
///
/// - Shapes: any, kept.
/// - Bound: constant s = 1/2 + x₀/4 = 1.099839320128866917…, with x₀ = 2.39935728… the positive root of
///   x·tanh(x/2) = 2, and slopes in [1 − s, s], both ends reached. With t = tanh(x/2),
///   f′ = (1 + t)/2 + x(1 − t²)/4 and f″ = (1 − t²)(2 − xt)/4, which is zero where xt = 2, at ±x₀ only
///   (xt is even and grows with |x|); there f′ = 1/2 + 1/(2t) = 1/2 ± x₀/4.
/// - Cost: one pass over the elements.
/// - Reference: Elfwing, Uchibe, Doya 2018; also called swish.
struct SiLULayer: KeylessElementwiseLayer {
  static let kind = "silu"

  /// Each end of the range, s = 1.09983932012886691695… and 1 − s, lies between two neighbors in Double.
  var slopes: Slopes {
    Slopes(
      negative: .enclosed("0.0998", above: 0x1.98f11d6cef08bp-4),
      positive: .enclosed("1.0998", above: 0x1.198f11d6cef08p+0))
  }

  func apply(to x: Tensor) -> Tensor { x * logistic(x) }
}
