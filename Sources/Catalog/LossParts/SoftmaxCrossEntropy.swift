import ModelIR
import TensorGraph

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

/// The share s of the uniform distribution in the targets (1 − s)·e_t + s/K.
///
/// - Reference: Szegedy et al. 2016, section 7.
struct LabelSmoothing {
  private let share: Double

  /// The key `smoothing`.
  init(from reader: inout ConfigReader) {
    share = reader.read(
      "smoothing", default: 0, "the weight s of the uniform distribution in the target", .fraction)
  }

  /// The targets [N, K] of one-hot labels.
  func targets(_ labels: Tensor) -> Tensor {
    share > 0 ? labels * (1 - share) + share / Double(labels.shape[1]) : labels
  }
}
