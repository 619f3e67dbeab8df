import BoundAlgebra
import ModelIR
import TensorGraph

/// The exponential linear unit: f(x) = x for x > 0, α(eˣ − 1) otherwise, α ≥ 0.
///
/// - Shapes: any, kept.
/// - Bound: f′ is 1 above 0 and in (0, α] below; constant max(1, α).
/// - Cost: one pass over the elements.
/// - Reference: Clevert, Unterthiner, Hochreiter 2016; Tsuzuku, Sato, Sugiyama 2018, table 2.
struct ELULayer: ElementwiseLayer {
  static let kind = "elu"
  static let mainKey: String? = "alpha"
  static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{alpha: 1.7}", inputs: [[2, 3, 3]]),
    LayerExample("{alpha: 0.5}", inputs: [[4]]),
  ]

  private let alpha: StoredConstant

  init(from reader: inout ConfigReader) {
    alpha = StoredConstant(
      reader.read(
        "alpha", default: 1, "the magnitude α of the limit at −∞",
        .init("a float32 number at least 0") { $0 >= 0 && StoredConstant.fits($0) }))
  }

  var slopes: Slopes { Slopes(positive: alpha.value <= 1 ? .one : alpha.magnitude) }

  func apply(to x: Tensor) -> Tensor { exponentialLinear(x, slope: 1, depth: alpha.value) }
}

/// slope·x where x > 0 and depth·(eˣ − 1) elsewhere.
///
/// The exponential sees min(x, 0), so that it cannot overflow and spoil the other branch's gradient.
func exponentialLinear(_ x: Tensor, slope: Double, depth: Double) -> Tensor {
  let below = (exp(min(x, 0)) - 1) * depth
  return select(x .> 0, slope == 1 ? x : x * slope, below)
}
