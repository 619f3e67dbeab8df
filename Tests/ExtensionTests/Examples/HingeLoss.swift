import ModelIR
import TensorGraph

/// The hinge loss: max(0, m − (F_t − max F_i over i ≠ t)), the mean over the batch.
///
/// - Reference: Crammer, Singer 2001.
struct HingeLoss: Loss {
  static let kind = "hinge"
  static let mainKey: String? = "margin"
  static let examples = ["", "{margin: 0.5}"]

  private let margin: Double

  init(from reader: inout ConfigReader) {
    margin = reader.read("margin", default: 1, "the margin m that costs nothing", .positive)
  }

  func lower(_ context: LossContext) -> Tensor {
    max(margin - context.logits.margins(labels: context.labels), 0).mean()
  }
}
