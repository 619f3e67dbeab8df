import ModelIR
import TensorGraph

/// The magnitude: f(x) = |x| in the first ⌈β·C⌉ channels, x in the others.
///
/// With β = 1 all channels lose their sign. Between orthogonal layers a β below 1 serves as LipNeXt's activation:
/// which directions of the features are folded, and where, is learned by the weights and biases before it.
///
/// - Shapes: any with C channels, the first axis of a sample, kept.
/// - Bound: slopes −1 and 1; constant 1. A gradient keeps its norm almost everywhere.
/// - Cost: one pass over the elements.
/// - Reference: the reverse triangle inequality; Hu, Hu, Fredrikson 2026 (β-Abs of LipNeXt).
struct AbsLayer: ElementwiseLayer {
  static let kind = "abs"
  static let mainKey: String? = "share"
  static let examples = [
    LayerExample("", inputs: [[5]]), LayerExample("", inputs: [[2, 3, 3]]),
    LayerExample("{share: 0.5}", inputs: [[5]]), LayerExample("{share: 0.3}", inputs: [[4, 2, 3]]),
  ]

  private let share: Double

  init(from reader: inout ConfigReader) {
    share = reader.read("share", default: 1, "the share β of the channels", .range(0...1))
  }

  var slopes: Slopes { Slopes(negative: .one, positive: .one) }

  /// |x| = max(x, −x), x = max(x, x).
  func apply(to x: Tensor) -> Tensor {
    let channels = x.shape[1]
    // What exceeds an integer by no more than the rounding of β and the product is that integer.
    let folded = Int((share * Double(channels) * (1 - 0x1p-51)).rounded(.up))
    if folded == channels { return abs(x) }
    let signs = (0..<channels).map { $0 < folded ? -1.0 : 1 }
    return max(x, x * x.builder.literal(signs, [channels]).broadcast(like: x, axes: [1]))
  }
}
