import ModelIR
import TensorGraph

/// Softmax cross-entropy: −log softmax(F(x))_t, the mean over the batch.
///
/// With smoothing s the target is (1 − s)·e_t + s/K.
///
/// - Reference: Szegedy et al. 2016, section 7, for the smoothing.
struct CrossEntropyLoss: Loss {
  static let kind = "cross_entropy"
  static let examples = ["", "{smoothing: 0.1}"]

  private let smoothing: LabelSmoothing

  init(from reader: inout ConfigReader) { smoothing = LabelSmoothing(from: &reader) }

  func lower(_ context: LossContext) -> Tensor {
    softmaxCrossEntropy(context.logits, smoothing.targets(context.labels))
  }
}
