import ModelIR
import TensorGraph

/// A smooth positive part: f(x) = log(1 + eˣ), computed as max(x, 0) + log1p(e^−|x|).
///
/// - Shapes: any, kept.
/// - Bound: f′ is the logistic function, in (0, 1); constant 1, approached for large x.
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
struct SoftplusLayer: KeylessElementwiseLayer {
  static let kind = "softplus"

  var slopes: Slopes { Slopes(positive: .one) }

  func apply(to x: Tensor) -> Tensor { softplus(x) }
}

/// log(1 + eˣ) = max(x, 0) + log1p(e^−|x|).
func softplus(_ x: Tensor) -> Tensor { max(x, 0) + log1p(exp(-abs(x))) }
