import ModelIR
import TensorGraph

/// Offset cross-entropy: cross-entropy of T·(F − √2·c·e_t), divided by T.
///
/// The margin √2·c is what a network of constant 1 needs for radius c, and no bound enters: it is for
/// networks whose constant is at most 1 by their layers. The temperature T says how sharply a missing margin
/// is punished; the division keeps gradients at one scale.
///
/// - Reference: Prach, Lampert 2022, section 4, who write 1/T for T.
struct OffsetLoss: Loss {
  static let kind = "offset"
  static let mainKey: String? = "c"
  static let examples = ["{c: 1}", "{c: 0.5, temperature: 8, smoothing: 0.1}"]

  private let c: Double
  private let temperature: Double
  private let smoothing: LabelSmoothing

  init(from reader: inout ConfigReader) {
    c = reader.read(.trainedRadius)
    temperature = reader.read(
      "temperature", default: 4, "what multiplies the logits", .positive)
    smoothing = LabelSmoothing(from: &reader)
  }

  var marginWeight: Double? { c }

  func lower(_ context: LossContext) -> Tensor {
    let offset = context.labels * (2.0.squareRoot() * context.marginWeight)
    let logits = (context.logits - offset) * temperature
    return softmaxCrossEntropy(logits, smoothing.targets(context.labels)) * (1 / temperature)
  }
}
