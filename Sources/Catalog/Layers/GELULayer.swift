import BoundAlgebra
import ModelIR
import TensorGraph

/// The Gaussian error linear unit: f(x) = x·Φ(x), Φ the normal distribution function.
///
/// - Shapes: any, kept.
/// - Bound: constant s = (1 + erf 1)/2 + 1/(e√π) = 1.128904145185154786… and slopes in [1 − s, s], both
///   ends reached: f′ = Φ + xφ and f″ = (2 − x²)φ vanishes at ±√2 only, where f′ is s and 1 − s, and f′
///   tends to 0 and 1. f(ax)/a has the slopes of f, so rounding 1/√2 in x·(1 + erf(x/√2))/2 leaves the
///   range as it is.
/// - Cost: one pass over the elements.
/// - Reference: Hendrycks, Gimpel 2016.
struct GELULayer: KeylessElementwiseLayer {
  static let kind = "gelu"

  /// Each end of the range lies between two neighbors in Double.
  var slopes: Slopes {
    Slopes(
      negative: .enclosed("0.1289", above: 0x1.07fee57f1cd3bp-3),
      positive: .enclosed("1.1289", above: 0x1.20ffdcafe39a7p+0))
  }

  func apply(to x: Tensor) -> Tensor {
    x * (1 + erf(x * StoredConstant(0.5.squareRoot()).value)) * 0.5
  }
}
