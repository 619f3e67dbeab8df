import ModelIR
import TensorGraph

/// Gradient descent on batches, with momentum: v ← μv + g, p ← p − lr·v.
///
/// With `nesterov` the step is lr·(g + μv) with the new v. Weight decay adds λp to g, for weights only.
///
/// - Reference: Sutskever, Martens, Dahl, Hinton 2013, section 2.
public struct SGDOptimizer: Optimizer {
  private enum Keys {
    static let learningRate = SpecKey<Double>(
      "learning_rate", default: 0.01, "the step length", .init("at least 0") { $0 >= 0 })
    static let momentum = SpecKey<Double>(
      "momentum", default: 0, "the share μ of the last step that is kept",
      .init("at least 0 and less than 1") { (0..<1).contains($0) })
    static let nesterov = SpecKey<Bool>(
      "nesterov", default: false, "whether the step looks ahead; needs 'momentum'")
    static let weightDecay = WeightDecay.key(default: 0)
  }

  /// The name in a spec.
  public static let kind = "sgd"
  /// The keys.
  public static let keys = [
    Keys.learningRate.description, Keys.momentum.description, Keys.nesterov.description,
    Keys.weightDecay.description,
  ]
  /// `sgd: 0.1`.
  public static let mainKey: String? = "learning_rate"
  /// Cases for the generic tests.
  public static let examples = [
    "", "{learning_rate: 0.1, momentum: 0.9}",
    "{learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}",
  ]

  /// lr.
  public let learningRate: Double
  private let momentum: Double
  private let nesterov: Bool
  private let weightDecay: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let learningRate = reader.read(Keys.learningRate)
    let momentum = reader.read(Keys.momentum)
    let nesterov = reader.read(Keys.nesterov)
    let weightDecay = reader.read(Keys.weightDecay)
    guard let learningRate, let momentum, let nesterov, let weightDecay else { return nil }
    guard !nesterov || momentum > 0 else {
      reader.report(
        .error(
          .spec, "out-of-range", "'nesterov' needs 'momentum' greater than 0, found 0",
          at: reader.node("nesterov")?.span ?? reader.span, help: "add 'momentum: 0.9'"))
      return nil
    }
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// v, if there is momentum.
  public var slots: [String] { momentum > 0 ? ["velocity"] : [] }

  /// One step.
  public func update(_ context: inout UpdateContext) -> (parameter: Value, slots: [Value]) {
    let gradient = context.decayedGradient(weightDecay)
    var direction = gradient
    var slots: [Value] = []
    if momentum > 0 {
      let kept = context.builder.scale(context.slots[0], by: momentum)
      let velocity = context.builder.add(kept, gradient)
      slots = [velocity]
      direction = velocity
      if nesterov {
        let ahead = context.builder.scale(velocity, by: momentum)
        direction = context.builder.add(gradient, ahead)
      }
    }
    let step = context.builder.multiply(context.learningRate, direction)
    return (context.builder.subtract(context.parameter, step), slots)
  }
}
