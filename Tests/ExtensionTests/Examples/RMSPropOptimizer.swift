import ModelIR
import TensorGraph

/// RMSProp: v ← ρv + (1 − ρ)g², p ← p − lr·g/(√v + ε).
///
/// - Reference: Tieleman, Hinton 2012.
struct RMSPropOptimizer: Optimizer {
  static let kind = "rmsprop"
  static let mainKey: String? = "learning_rate"
  static let examples = ["", "{learning_rate: 0.1, decay: 0.5}"]

  let learningRate: Double
  private let decay: Double
  private let epsilon: Double
  let slots = ["square"]

  init(from reader: inout ConfigReader) {
    learningRate = reader.read("learning_rate", default: 1e-3, "the step length", .nonNegative)
    decay = reader.read("decay", default: 0.9, "the share ρ of v that is kept", .fraction)
    epsilon = reader.read("epsilon", default: 1e-8, "added to the root of v", .positive)
  }

  func update(_ context: UpdateContext) -> (parameter: Tensor, slots: [Tensor]) {
    let (p, g) = (context.parameter, context.gradient)
    let v = decay * context.slots[0] + (1 - decay) * (g * g)
    return (p - context.learningRate * g / (sqrt(v) + epsilon), [v])
  }
}
