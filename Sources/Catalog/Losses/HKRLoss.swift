import ModelIR
import TensorGraph

/// Hinge–Kantorovich–Rubinstein: each logit separates its class from the others by as much as a function of
/// constant 1 can, and by a margin.
///
/// With f = F/L, a function of constant at most 1, and y_nk = 1 where n has label k and −1 elsewhere, it is
/// α·H − (1 − α)·D. D is the mean over classes of (mean of f_k over samples of class k) − (mean of f_k over
/// the others): over all data, at most the Wasserstein distance between the two. H is the mean over samples
/// of Σ_k v_nk·max(0, m/2 − y_nk·f_k), with v_nk = 1 at the label and 1/(K − 1) elsewhere. A class without
/// samples in the batch counts as if its mean were 0.
///
/// It fits networks whose constant is bounded by their layers. Logits are compared with ±m/2, so the
/// certified radius of a sample that meets the margin is m/√2 or more.
///
/// - Reference: Serrurier, Mamalet, González-Sanz, Boissin, Loubes, del Barrio 2021; one class against the
///   rest as in their section 4.
struct HKRLoss: Loss {
  static let kind = "hkr"
  static let examples = ["", "{alpha: 0.9, margin: 0.5}"]

  private let alpha: Double
  private let margin: Double

  init(from reader: inout ConfigReader) {
    alpha = reader.read("alpha", default: 0.98, "the weight α of the hinge", .range(0...1))
    margin = reader.read("margin", default: 1, "the margin m, in input units", .positive)
  }

  func lower(_ context: LossContext) -> Tensor {
    let f = context.logits / max(context.networkBound, 1e-8)
    return alpha * hinge(f, context.labels) - (1 - alpha) * distance(f, context.labels)
  }

  private func distance(_ f: Tensor, _ labels: Tensor) -> Tensor {
    func means(_ chosen: Tensor) -> Tensor {
      (f * chosen).sum(axes: [0]) / max(chosen.sum(axes: [0]), 1)
    }
    return (means(labels) - means(1 - labels)).mean()
  }

  private func hinge(_ f: Tensor, _ labels: Tensor) -> Tensor {
    let (samples, classes) = (Double(f.shape[0]), Double(f.shape[1]))
    let signs = 2 * labels - 1
    let weights = select(labels, labels, 1 / max(classes - 1, 1))
    return (weights * max(margin / 2 - signs * f, 0)).sum() * (1 / samples)
  }
}
