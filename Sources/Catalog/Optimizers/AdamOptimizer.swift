import ModelIR
import TensorGraph

/// Adam: steps along the running mean of the gradient over the root of its running square.
///
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and
/// v̂ = v/(1 − β₂ᵗ) at step t. Weight decay adds λp to g, for weights only.
///
/// - Reference: Kingma, Ba 2015, algorithm 1.
public struct AdamOptimizer: Optimizer {
  private static let decay = WeightDecay.key(default: 0)

  /// The name in a spec.
  public static let kind = "adam"
  /// The keys.
  public static let keys = MomentKeys.keys + [decay.description]
  /// `adam: 1e-3`.
  public static let mainKey: String? = "learning_rate"
  /// Cases for the generic tests.
  public static let examples = ["", "{learning_rate: 0.1, betas: [0, 0.5], weight_decay: 0.01}"]

  private let moments: MomentKeys
  private let weightDecay: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let moments = MomentKeys(from: &reader)
    let weightDecay = reader.read(Self.decay)
    guard let moments, let weightDecay else { return nil }
    self.moments = moments
    self.weightDecay = weightDecay
  }

  /// lr.
  public var learningRate: Double { moments.learningRate }
  /// m and v.
  public var slots: [String] { ["first_moment", "second_moment"] }

  /// One step.
  public func update(_ context: inout UpdateContext) -> (parameter: Value, slots: [Value]) {
    let gradient = context.decayedGradient(weightDecay)
    let (step, slots) = moments.step(gradient: gradient, &context)
    return (context.builder.subtract(context.parameter, step), slots)
  }
}
