import ModelIR
import TensorGraph

/// Efficient margin maximization: the margin of Lipschitz-Margin Training, with a part of it chosen for
/// each class.
///
/// For label t the logit i ≠ t becomes F_i + s_i·c·K_ti, where K_ti bounds the constant of F_i − F_t: √2·L
/// (`variant: global`) or L′·‖w_t − w_i‖₂ (`pairwise`), and s_i = clip((F_t − F_i)/(c·K_ti), 0.01, 1) is
/// the share of the margin that the sample has toward class i, held constant. Each rival is pushed away
/// from where it stands, while `lmt` gives all of them the share of the nearest one.
///
/// - Reference: Hu, Zou, Wang, Leino, Fredrikson 2023 (LiResNet), section 4; the lower limit 0.01 is that of
///   their experiments.
struct EMMALoss: Loss {
  static let kind = "emma"
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
    let (logits, labels) = (context.logits, context.labels)
    let margins = context.marginWeight * variant.constants(from: labels, context)
    let gaps = logits.at(labels).spread(like: logits) - logits
    let shares = stopGradient((gaps / max(margins, 1e-8)).clipped(to: 0.01...1))
    return softmaxCrossEntropy(logits + shares * margins, labels)
  }
}
