import ModelIR
import RealModule
import TensorGraph

/// What `adam` and `adamw` share: the moments' keys and the step.
struct MomentKeys: Sendable {
  let learningRate: Double
  let betas: [Double]
  let epsilon: Double

  private static let learningRateKey = SpecKey<Double>(
    "learning_rate", default: 1e-3, "the step length", .init("at least 0") { $0 >= 0 })
  private static let betasKey = SpecKey<[Double]>(
    "betas", default: [0.9, 0.999], "how slowly the first and second moment forget",
    .init("two numbers, each at least 0 and less than 1") {
      $0.count == 2 && $0.allSatisfy { (0..<1).contains($0) }
    })
  private static let epsilonKey = SpecKey<Double>(
    "epsilon", default: 1e-8, "added to the root of the second moment",
    .init("greater than 0") { $0 > 0 })

  /// The keys in the order of the manual.
  static let keys = [
    learningRateKey.description, betasKey.description, epsilonKey.description,
  ]

  init?(from reader: inout ConfigReader) {
    let learningRate = reader.read(Self.learningRateKey)
    let betas = reader.read(Self.betasKey)
    let epsilon = reader.read(Self.epsilonKey)
    guard let learningRate, let betas, let epsilon else { return nil }
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
  }

  /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², and the step lr·m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ),
  /// v̂ = v/(1 − β₂ᵗ).
  func step(gradient: Value, _ context: inout UpdateContext) -> (step: Value, slots: [Value]) {
    let square = context.builder.multiply(gradient, gradient)
    let first = context.builder.blend(context.slots[0], gradient, keeping: betas[0])
    let second = context.builder.blend(context.slots[1], square, keeping: betas[1])
    let firstWeight = context.builder.complement(ofPower: betas[0], exponent: context.step)
    let secondWeight = context.builder.complement(ofPower: betas[1], exponent: context.step)
    let mean = context.builder.divide(first, firstWeight)
    let spread = context.builder.unary(.sqrt, context.builder.divide(second, secondWeight))
    let epsilon = context.builder.splat(epsilon, like: spread)
    let direction = context.builder.divide(mean, context.builder.add(spread, epsilon))
    return (context.builder.multiply(context.learningRate, direction), [first, second])
  }
}

extension GraphBuilder {
  /// β·a + (1 − β)·b.
  mutating func blend(_ a: Value, _ b: Value, keeping beta: Double) -> Value {
    add(scale(a, by: beta), scale(b, by: 1 - beta))
  }

  /// 1 − βᵗ for a scalar t ≥ 1 and 0 ≤ β < 1.
  ///
  /// As −2h/(1 − h) with h = tanh(t·log β/2): in float32 the difference itself would lose four digits
  /// where βᵗ is near 1, as in Adam's first steps.
  mutating func complement(ofPower beta: Double, exponent: Value) -> Value {
    guard beta > 0 else { return splat(1) }
    let h = unary(.tanh, scale(exponent, by: Double.log(beta) / 2))
    return divide(scale(h, by: -2), subtract(splat(1), h))
  }
}
