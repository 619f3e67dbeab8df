import ModelIR
import TensorGraph

/// Clipping: f(x) = min(max(x, lowest), highest).
///
/// - Shapes: any, kept.
/// - Bound: slopes 0 and 1, both reached; constant 1. The layer is a projection onto a convex set.
/// - Cost: one pass over the elements.
/// - Reference: Collobert 2004.
struct HardTanhLayer: ElementwiseLayer {
  static let kind = "hard_tanh"
  static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{lowest: 0, highest: 6}", inputs: [[2, 3, 3]]),
  ]

  private let lowest: StoredConstant
  private let highest: StoredConstant

  init(from reader: inout ConfigReader) {
    let lowest: Double = reader.read("lowest", default: -1, "the least output", .float32)
    let highest: Double = reader.read("highest", default: 1, "the greatest output", .float32)
    reader.require(
      lowest < highest, "out-of-range",
      "'lowest' must be less than 'highest' \(highest.specText), found \(lowest.specText)",
      at: "lowest")
    self.lowest = StoredConstant(lowest)
    self.highest = StoredConstant(highest)
  }

  var slopes: Slopes { Slopes(positive: .one) }

  func apply(to x: Tensor) -> Tensor { x.clipped(to: lowest.value...highest.value) }
}
