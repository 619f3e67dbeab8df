import ModelIR
import TensorGraph

/// The dual of optimal transport: the difference of two logits separates the samples of their classes by as
/// much as a function of its constant can.
///
/// For classes i < j, f = (F_i − F_j)/K_ij with K_ij = L′·‖w_i − w_j‖₂ is a function of constant at most 1,
/// and (mean of f over samples of class i) − (mean over those of class j) at most the Wasserstein distance
/// between the two. The loss is minus the mean of these differences over all pairs of classes; gradients flow
/// through K. L′ bounds what precedes the head, whose rows are w; without a head K is √2·L. A class without
/// samples in the batch counts as if its mean were 0.
///
/// It is the loss of `task: critic`, which certifies such a lower bound on the distance for the test samples.
///
/// - Reference: Arjovsky, Chintala, Bottou 2017, section 3; Villani 2009, theorem 5.10, for the duality.
struct WassersteinLoss: Loss {
  static let kind = "wasserstein"

  init(from reader: inout ConfigReader) {}

  func lower(_ context: LossContext) -> Tensor {
    let (logits, labels) = (context.logits, context.labels)
    let constants = DifferenceBound.pairwise.constants(from: labels, context)
    let gaps = logits.at(labels).spread(like: logits) - logits
    let differences = (gaps / max(constants, 1e-8)).sum(axes: [1])
    let counts = max(labels.sum(axes: [0]), 1).broadcast(like: labels, axes: [1])
    let weights = (labels / counts).sum(axes: [1])
    let classes = Double(logits.shape[1])
    return (weights * differences).sum() * (-2 / (classes * (classes - 1)))
  }
}
