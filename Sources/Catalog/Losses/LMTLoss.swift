import ModelIR
import TensorGraph

/// Lipschitz-Margin Training: cross-entropy of logits to which the margin required at each sample is added.
///
/// For label t the logit i ≠ t becomes F_i + α·a_i, with a_i = √2·c·L (`variant: global`, proposition 1)
/// or a_i = c·L′·‖w_t − w_i‖₂ (`variant: pairwise`, proposition 2). L bounds the network, and L′ the part
/// before the head, whose rows are w. Gradients flow through L, L′ and the rows. c is a radius in input
/// units.
///
/// With `alpha` the addition is multiplied by α = min over i ≠ t of clip((F_t − F_i)/a_i, 0, 1), held
/// constant: a misclassified sample is trained with plain cross-entropy, a barely correct one with part
/// of the margin.
///
/// A network that does not end in a dense layer has no rows; `pairwise` is then `global`.
///
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, algorithm 1, propositions 1 and 2, appendix E.
struct LMTLoss: Loss {
  static let kind = "lmt"
  static let mainKey: String? = "c"
  static let examples = [
    "{c: 0.5}", "{c: 1, variant: global}", "{c: 0.3, alpha: false}",
    "{c: 2, variant: global, alpha: false}",
  ]

  private enum Variant: String, WordValue {
    case global, pairwise
  }

  private let c: Double
  private let variant: Variant
  private let hasAlpha: Bool

  init(from reader: inout ConfigReader) {
    c = reader.read("c", "the radius to train for, in input units", .nonNegative)
    variant = reader.read(
      "variant", default: .pairwise, "whether the head's rows enter pair by pair")
    hasAlpha = reader.read(
      "alpha", default: true, "whether a sample short of the margin is given only a part of it")
  }

  var marginWeight: Double? { c }

  func lower(_ context: LossContext) -> Tensor {
    let margins = margins(context)
    let added = hasAlpha ? margins * alpha(margins, context.logits, context.labels) : margins
    return softmaxCrossEntropy(context.logits + added, context.labels)
  }

  /// a [N, K], 0 at the label.
  private func margins(_ context: LossContext) -> Tensor {
    let (c, labels) = (context.marginWeight, context.labels)
    if variant == .pairwise, let head = context.head {
      let distances = labels.dot(head.weight.rowDistances())
      return c * head.bound * distances
    }
    return c * context.networkBound * 2.0.squareRoot() * (1 - labels)
  }

  /// α [N, K], one number per row.
  ///
  /// Where a is 0 the quotient does not matter, and its divisor is kept above 0.
  private func alpha(_ a: Tensor, _ logits: Tensor, _ labels: Tensor) -> Tensor {
    let gaps = logits.at(labels).spread(like: logits) - logits
    let shares = select(labels, 1, gaps / max(a, 1e-30)).clipped(to: 0...1)
    return stopGradient(shares.minimum(axes: [1]).spread(like: logits))
  }
}

extension Tensor {
  /// d[i, j] = ‖wᵢ − wⱼ‖₂ between the rows of W [K, D], as [K, K].
  ///
  /// From ‖wᵢ‖² + ‖wⱼ‖² − 2 wᵢ·wⱼ, one matrix product instead of K²·D elements. Cancellation leaves an
  /// error of about 10⁻⁶ of the squares in float32. Squared distances below that, such as those of equal
  /// rows and of the diagonal, give distance and derivative 0 instead of the root of noise. For training
  /// only: certificates compute their own distances.
  fileprivate func rowDistances() -> Tensor {
    let square = [shape[0], shape[0]]
    let products = dot(self, transposeRight: true)
    let norms = (self * self).sum(axes: [1])
    let sums = norms.broadcast(to: square, axes: [0]) + norms.broadcast(to: square, axes: [1])
    let squares = sums - 2 * products
    let isDistance = squares .> sums * 1e-6
    return select(isDistance, sqrt(select(isDistance, squares, 1)), 0)
  }
}
