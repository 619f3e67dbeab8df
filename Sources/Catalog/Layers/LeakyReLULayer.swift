import BoundAlgebra
import ModelIR
import TensorGraph

/// The identity above 0 and a line of slope a below: f(x) = x for x > 0, a·x otherwise.
///
/// - Shapes: any, kept.
/// - Bound: slopes between a and 1, both reached; constant max(1, |a|).
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
struct LeakyReLULayer: ElementwiseLayer {
  static let kind = "leaky_relu"
  static let mainKey: String? = "slope"
  static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{slope: 0.25}", inputs: [[2, 3, 3]]),
    LayerExample("{slope: -1.5}", inputs: [[4]]),
    LayerExample("{slope: 2.7}", inputs: [[4]]),
  ]

  private let slope: StoredConstant

  init(from reader: inout ConfigReader) {
    slope = StoredConstant(
      reader.read("slope", default: 0.01, "the slope a below 0", .float32))
  }

  var slopes: Slopes {
    if slope.value < 0 { return Slopes(negative: slope.magnitude, positive: .one) }
    if slope.value <= 1 { return Slopes(positive: .one, leastPositive: slope.magnitude) }
    return Slopes(positive: slope.magnitude, leastPositive: .one)
  }

  func apply(to x: Tensor) -> Tensor { select(x .> 0, x, x * slope.value) }
}
