import ModelIR
import TensorGraph

/// Adam with decoupled weight decay: p ← (1 − lr·λ)p − lr·m̂/(√v̂ + ε), the decay for weights only.
///
/// m̂ and v̂ are those of `adam` and see the loss's gradient alone.
///
/// - Reference: Loshchilov, Hutter 2019, algorithm 2.
public struct AdamWOptimizer: Optimizer {
  private static let decay = WeightDecay.key(default: 0.01)

  /// The name in a spec.
  public static let kind = "adamw"
  /// The keys.
  public static let keys = MomentKeys.keys + [decay.description]
  /// `adamw: 1e-3`.
  public static let mainKey: String? = "learning_rate"
  /// Cases for the generic tests.
  public static let examples = ["", "{learning_rate: 0.1, betas: [0.5, 0], weight_decay: 0.1}"]

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
    let (step, slots) = moments.step(gradient: context.gradient, &context)
    let parameter = context.shrunkParameter(weightDecay)
    return (context.builder.subtract(parameter, step), slots)
  }
}
