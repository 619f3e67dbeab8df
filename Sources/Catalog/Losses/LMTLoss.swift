import ModelIR
import TensorGraph

/// Lipschitz-Margin Training: cross-entropy of logits to which the margin wanted at each sample is added.
///
/// For label t the logit i ≠ t becomes F_i + α·a_i, with a_i = √2·c·L (`variant: global`, proposition 1)
/// or a_i = c·L′·‖w_t − w_i‖₂ (`variant: pairwise`, proposition 2), L bounding the network and L′ what
/// precedes the head with rows w. Gradients flow through L, L′ and the rows. c is a radius in input units.
///
/// `alpha` multiplies the addition by α = min over i ≠ t of clip((F_t − F_i)/a_i, 0, 1), held constant: a
/// misclassified sample is trained by plain cross-entropy, a barely correct one is pushed in part.
///
/// A network that does not end in a dense layer has no rows; `pairwise` is then `global`.
///
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, algorithm 1, propositions 1 and 2, appendix E.
public struct LMTLoss: Loss {
  private enum Variant: String, WordValue {
    case global, pairwise
  }

  private enum Keys {
    static let c = SpecKey<Double>(
      "c", "the radius to train for, in input units", .init("at least 0") { $0 >= 0 })
    static let variant = SpecKey<Variant>(
      "variant", default: .pairwise, "whether the head's rows enter pair by pair")
    static let alpha = SpecKey<Bool>(
      "alpha", default: true,
      "whether samples short of the margin are pushed only as far as they are")
  }

  /// The name in a spec.
  public static let kind = "lmt"
  /// The keys.
  public static let keys = [Keys.c.description, Keys.variant.description, Keys.alpha.description]
  /// `lmt: 1`.
  public static let mainKey: String? = "c"
  /// Cases for the generic tests.
  public static let examples = [
    "{c: 0.5}", "{c: 1, variant: global}", "{c: 0.3, alpha: false}",
    "{c: 2, variant: global, alpha: false}",
  ]

  private let c: Double
  private let variant: Variant
  private let hasAlpha: Bool

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let c = reader.read(Keys.c)
    let variant = reader.read(Keys.variant)
    let alpha = reader.read(Keys.alpha)
    guard let c, let variant, let alpha else { return nil }
    self.c = c
    self.variant = variant
    self.hasAlpha = alpha
  }

  /// c.
  public var marginWeight: Double? { c }

  /// The mean loss.
  public func lower(_ context: inout LossContext) -> Value {
    var margins = wantedMargins(&context)
    if hasAlpha {
      let alpha = stabilizer(margins, &context)
      margins = context.builder.multiply(margins, alpha)
    }
    let logits = context.builder.add(context.logits, margins)
    return context.builder.softmaxCrossEntropy(logits, targets: context.labels)
  }

  /// a [N, K], 0 at the label.
  private func wantedMargins(_ context: inout LossContext) -> Value {
    if variant == .pairwise, let head = context.head {
      let distances = context.builder.rowDistances(head.weight)
      let pairs = context.builder.dot(context.labels, distances)
      let radius = context.builder.multiply(context.marginWeight, head.bound)
      return context.builder.multiply(radius, pairs)
    }
    let radius = context.builder.multiply(context.marginWeight, context.networkBound)
    let margin = context.builder.scale(radius, by: 2.0.squareRoot())
    let one = context.builder.splat(1, like: context.labels)
    let others = context.builder.subtract(one, context.labels)
    return context.builder.multiply(margin, others)
  }

  /// α [N, K], one value a row, without gradient.
  ///
  /// The quotient's divisor is kept above 0: where no margin is wanted α multiplies 0.
  private func stabilizer(_ margins: Value, _ context: inout LossContext) -> Value {
    let (logits, labels) = (context.logits, context.labels)
    let shape = context.builder.shape(logits)
    let target = context.builder.sum(context.builder.multiply(logits, labels), axes: [1])
    let targets = context.builder.broadcast(target, to: shape, axes: [0])
    let gaps = context.builder.subtract(targets, logits)
    let smallest = context.builder.splat(1e-30, like: margins)
    let divisor = context.builder.maximum(margins, smallest)
    let one = context.builder.splat(1, like: margins)
    let zero = context.builder.splat(0, like: margins)
    let quotients = context.builder.select(
      labels, one, context.builder.divide(gaps, divisor))
    let clipped = context.builder.minimum(context.builder.maximum(quotients, zero), one)
    let negated = context.builder.unary(.negate, clipped)
    let least = context.builder.unary(
      .negate, context.builder.maximum(of: negated, axes: [1]))
    return context.builder.stopGradient(context.builder.broadcast(least, to: shape, axes: [0]))
  }
}
