import BoundAlgebra
import ModelIR
import TensorGraph

/// A line clipped to [0, 1]: f(x) = min(max(x/6 + 1/2, 0), 1).
///
/// 1/6 is rounded to float32; the bound holds for the rounded number.
///
/// - Shapes: any, kept.
/// - Bound: slopes 0 and 1/6, both reached; constant 1/6.
/// - Cost: one pass over the elements.
/// - Reference: Courbariaux, Bengio, David 2015; Howard et al. 2019 for the slope 1/6.
struct HardSigmoidLayer: KeylessElementwiseLayer {
  static let kind = "hard_sigmoid"

  private static let slope = StoredConstant(1.0 / 6)

  var slopes: Slopes { Slopes(positive: Self.slope.magnitude) }

  func apply(to x: Tensor) -> Tensor { (x * Self.slope.value + 0.5).clipped(to: 0...1) }
}
