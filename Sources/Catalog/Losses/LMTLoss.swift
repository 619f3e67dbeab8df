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
/// With a `temperature` T, logits and margins are divided by L and multiplied by T: the scale of the
/// weights no longer matters, and T alone says how sharply a missing margin is punished. A large T
/// suits a small c.
///
/// With `smoothing` s the target is (1 − s)·e_t + s/K.
///
/// A network that does not end in a dense layer has no rows; `pairwise` is then `global`.
///
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, algorithm 1, propositions 1 and 2, appendix E.
struct LMTLoss: Loss {
  static let kind = "lmt"
  static let mainKey: String? = "c"
  static let examples = [
    "{c: 0.5}", "{c: 1, variant: global}", "{c: 0.3, alpha: false}",
    "{c: 2, variant: global, alpha: false}", "{c: 1, temperature: 5, smoothing: 0.1}",
  ]

  private let c: Double
  private let variant: DifferenceBound
  private let hasAlpha: Bool
  private let temperature: Double?
  private let smoothing: LabelSmoothing

  init(from reader: inout ConfigReader) {
    c = reader.read(.trainedRadius)
    variant = .read(from: &reader)
    hasAlpha = reader.read(
      "alpha", default: true, "whether a sample short of the margin is given only a part of it")
    temperature = reader.readIfPresent(
      SpecKey("temperature", "what multiplies logits and margins once divided by L", .positive))
    smoothing = LabelSmoothing(from: &reader)
  }

  var marginWeight: Double? { c }

  func lower(_ context: LossContext) -> Tensor {
    let margins = context.marginWeight * variant.constants(from: context.labels, context)
    let added = hasAlpha ? margins * alpha(margins, context.logits, context.labels) : margins
    let moved = scaled(context.logits + added, context.networkBound)
    return softmaxCrossEntropy(moved, smoothing.targets(context.labels))
  }

  /// The logits at the temperature.
  ///
  /// A network whose bound is 0 is constant, and its divisor is kept above 0.
  private func scaled(_ logits: Tensor, _ bound: Tensor) -> Tensor {
    guard let temperature else { return logits }
    return logits * (temperature / max(bound, 1e-8))
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
