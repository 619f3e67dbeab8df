import ModelIR
import TensorGraph

/// Certified radius maximization: cross-entropy, and a term that pushes the certified radii of correctly
/// classified samples up to c.
///
/// With r_i = (F_t − F_i)/K_ti, where K_ti bounds the constant of F_i − F_t (`variant` as in `lmt`), a sample
/// with 0 < min r_i < c adds w/α · log Σ exp(−α·r_i) over i ≠ t to the mean: −w times a smooth minimum of its
/// radii. α sets how close that is to the minimum, and w its weight beside cross-entropy. Gradients flow
/// through logits and bounds.
///
/// - Reference: Fazlyab, Entesari, Roy, Chellappa 2023, section 2.
struct CRMLoss: Loss {
  static let kind = "crm"
  static let mainKey: String? = "c"
  static let examples = ["{c: 1}", "{c: 0.5, weight: 3, sharpness: 10, variant: global}"]

  private let c: Double
  private let weight: Double
  private let sharpness: Double
  private let variant: DifferenceBound

  init(from reader: inout ConfigReader) {
    c = reader.read(
      "c", "the radius above which a sample is left alone, in input units", .nonNegative)
    weight = reader.read("weight", default: 1, "the weight w of the radii", .nonNegative)
    sharpness = reader.read(
      "sharpness", default: 5, "the sharpness α of the smooth minimum, per unit of radius",
      .positive)
    variant = .read(from: &reader)
  }

  var marginWeight: Double? { c }

  func lower(_ context: LossContext) -> Tensor {
    let (logits, labels) = (context.logits, context.labels)
    let constants = max(variant.constants(from: labels, context), 1e-8)
    let radii = (logits.at(labels).spread(like: logits) - logits) / constants
    let others = select(labels, Self.farAway, radii)
    let least = stopGradient(others.minimum(axes: [1]))
    let isPushed = stopGradient((least .> 0) * (least .< context.marginWeight))
    // An exponential of the label's own place is 0, and the others are at most 1.
    let exponents = (least.spread(like: others) - others) * sharpness
    let smooth = log(exp(exponents).sum(axes: [1])) - least * sharpness
    let pushed = (smooth * isPushed).sum() * (weight / sharpness / Double(labels.shape[0]))
    return softmaxCrossEntropy(logits, labels) + pushed
  }

  /// In place of a radius of the label itself.
  private static let farAway = 1e30
}
