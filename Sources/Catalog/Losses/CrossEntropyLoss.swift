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

  private let smoothing: Double

  init(from reader: inout ConfigReader) {
    smoothing = reader.read(
      "smoothing", default: 0, "the weight s of the uniform distribution in the target", .fraction)
  }

  func lower(_ context: LossContext) -> Tensor {
    let (labels, classes) = (context.labels, Double(context.labels.shape[1]))
    let targets = smoothing > 0 ? labels * (1 - smoothing) + smoothing / classes : labels
    return softmaxCrossEntropy(context.logits, targets)
  }
}

/// −(1/N) Σ targets · log softmax(logits), a scalar; both [N, K], each row of targets summing to 1.
///
/// Each row's maximum is subtracted first, so that no exponential overflows. It is held constant,
/// because the result does not depend on it.
func softmaxCrossEntropy(_ logits: Tensor, _ targets: Tensor) -> Tensor {
  let shifted = logits - stopGradient(logits.maximum(axes: [1])).spread(like: logits)
  let normalizer = log(exp(shifted).sum(axes: [1]))
  let target = (targets * shifted).sum(axes: [1])
  return (normalizer - target).sum() * (1 / Double(logits.shape[0]))
}
