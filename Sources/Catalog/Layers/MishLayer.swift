import BoundAlgebra
import ModelIR
import TensorGraph

/// Mish: f(x) = x·tanh(log(1 + eˣ)).
///
/// - Shapes: any, kept.
/// - Bound: constant 1.088498161251727861… and slopes from −0.112526122389462556…, both ends reached.
///   With u = eˣ and D = u² + 2u + 2, f = x·(1 − 2/D) and f″ has the sign of
///   2(u + 1)D + x·q, q = 2 + 2u − 3u² − 2u³. It is zero where x = p(u) = −2(u + 1)D/q, and p′ has the
///   sign of −3u⁴ − 20u³ − 36u² − 24u − 4 < 0. q has one positive zero u₀ < 1. Below u₀, p falls from −2 to
///   −∞ while x rises from −∞; above u₀, p falls from ∞ to 1 while x rises to ∞: they meet once on each
///   side, at x = −2.25637… and x = 1.49057…, where f′ has the values above; f′ tends to 0 and 1.
/// - Cost: one pass over the elements.
/// - Reference: Misra 2020.
struct MishLayer: KeylessElementwiseLayer {
  static let kind = "mish"

  /// Each end of the range lies between two neighbors in Double.
  var slopes: Slopes {
    Slopes(
      negative: .enclosed("0.1125", above: 0x1.cce830f9bc266p-4),
      positive: .enclosed("1.0885", above: 0x1.16a7d0c45511fp+0))
  }

  func apply(to x: Tensor) -> Tensor { x * tanh(softplus(x)) }
}
