import ModelIR
import TensorGraph

/// Globally robust training: cross-entropy with one more class, which stands for "not certified".
///
/// With j the predicted class, the logit of the additional class is max over i ≠ j of F_i + c·K_ij, where
/// K_ij bounds the constant of F_i − F_j: √2·L (`variant: global`) or L′·‖w_i − w_j‖₂ (`pairwise`). It is
/// the largest logit exactly where the prediction cannot be certified at radius c, and it is never the
/// target. Gradients flow through the bounds.
///
/// Classes that share the largest logit count as predicted together, with the mean of their constants.
///
/// - Reference: Leino, Wang, Fredrikson 2021, section 2.
struct GloRoLoss: Loss {
  static let kind = "gloro"
  static let mainKey: String? = "c"
  static let examples = ["{c: 0.3}", "{c: 1, variant: global}"]

  private let c: Double
  private let variant: DifferenceBound

  init(from reader: inout ConfigReader) {
    c = reader.read(.trainedRadius)
    variant = .read(from: &reader)
  }

  var marginWeight: Double? { c }

  func lower(_ context: LossContext) -> Tensor {
    let (logits, labels, count) = (context.logits, context.labels, context.labels.shape[0])
    let isLargest = logits .>= logits.maximum(axes: [1]).spread(like: logits)
    let predicted = stopGradient(isLargest / isLargest.sum(axes: [1]).spread(like: logits))
    let reached = logits + context.marginWeight * variant.constants(from: predicted, context)
    let uncertified = reached.withoutLabels(predicted).maximum(axes: [1]).reshaped([count, 1])
    return softmaxCrossEntropy(
      concatenate([logits, uncertified], axis: 1), labels.padded(low: [0, 0], high: [0, 1]))
  }
}
