import BoundAlgebra
import Enclosure
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
public struct GELULayer: KeylessElementwiseLayer {
  /// The name in a spec.
  public static let kind = "gelu"
  /// The range of f′: s = 1.12890414518515478634…, its neighbours in Double around it.
  public var slopes: Slopes {
    Slopes(
      negative: .enclosed(
        "0.1289", lower: LowerBound(proven: 0x1.07fee57f1cd3bp-3),
        upper: UpperBound(proven: 0x1.07fee57f1cd3cp-3)),
      positive: .enclosed(
        "1.1289", lower: LowerBound(proven: 0x1.20ffdcafe39a7p+0),
        upper: UpperBound(proven: 0x1.20ffdcafe39a8p+0)))
  }

  init() {}

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    let one = builder.splat(1, like: x)
    let scaled = builder.scale(x, by: StoredConstant(0.5.squareRoot()).value)
    let twice = builder.add(one, builder.unary(.erf, scaled))
    return builder.scale(builder.multiply(x, twice), by: 0.5)
  }
}
