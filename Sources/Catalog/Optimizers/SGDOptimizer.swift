import ModelIR
import TensorGraph

/// Gradient descent on batches, with momentum: v ← μv + g, p ← p − lr·v.
///
/// With `nesterov` the step is lr·(g + μv) with the new v. Weight decay adds λp to g, for weights only.
///
/// - Reference: Sutskever, Martens, Dahl, Hinton 2013, section 2.
struct SGDOptimizer: Optimizer {
  static let kind = "sgd"
  static let mainKey: String? = "learning_rate"
  static let examples = [
    "", "{learning_rate: 0.1, momentum: 0.9}",
    "{learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}",
  ]

  let learningRate: Double
  private let momentum: Double
  private let isNesterov: Bool
  private let weightDecay: Double

  init(from reader: inout ConfigReader) {
    learningRate = reader.read("learning_rate", default: 0.01, "the step length", .nonNegative)
    momentum = reader.read(
      "momentum", default: 0, "the share μ of the last step that is kept", .fraction)
    isNesterov = reader.read(
      "nesterov", default: false, "whether the step looks ahead; needs 'momentum'")
    weightDecay = reader.read(WeightDecay.key(default: 0))
    reader.require(
      !isNesterov || momentum > 0, "out-of-range",
      "'nesterov' needs 'momentum' greater than 0, found 0", at: "nesterov",
      help: "add 'momentum: 0.9'")
  }

  var slots: [String] { momentum > 0 ? ["velocity"] : [] }

  func update(_ context: UpdateContext) -> (parameter: Tensor, slots: [Tensor]) {
    let (p, lr, g) = (
      context.parameter, context.learningRate, context.decayedGradient(weightDecay)
    )
    guard momentum > 0 else { return (p - lr * g, []) }
    let v = momentum * context.slots[0] + g
    return (p - lr * (isNesterov ? g + momentum * v : v), [v])
  }
}
