import ModelIR
import RealModule
import TensorGraph

/// Adam: steps along the running mean of the gradient over the root of its running square.
///
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and
/// v̂ = v/(1 − β₂ᵗ) at step t. Weight decay adds λp to g, for weights only.
///
/// - Reference: Kingma, Ba 2015, algorithm 1.
struct AdamOptimizer: AdamVariant {
  static let kind = "adam"
  static let mainKey: String? = "learning_rate"
  static let examples = ["", "{learning_rate: 0.1, betas: [0, 0.5], weight_decay: 0.01}"]

  let adam: Adam

  init(from reader: inout ConfigReader) {
    adam = Adam(from: &reader, decay: .coupled, weightDecay: 0)
  }
}

/// Adam with decoupled weight decay: p ← (1 − lr·λ)p − lr·m̂/(√v̂ + ε), the decay for weights only.
///
/// m̂ and v̂ are those of `adam`, from the loss's gradient alone.
///
/// - Reference: Loshchilov, Hutter 2019, algorithm 2.
struct AdamWOptimizer: AdamVariant {
  static let kind = "adamw"
  static let mainKey: String? = "learning_rate"
  static let examples = ["", "{learning_rate: 0.1, betas: [0.5, 0], weight_decay: 0.1}"]

  let adam: Adam

  init(from reader: inout ConfigReader) {
    adam = Adam(from: &reader, decay: .decoupled, weightDecay: 0.01)
  }
}

/// An optimizer that is Adam with one kind of weight decay.
protocol AdamVariant: Optimizer {
  var adam: Adam { get }
}

extension AdamVariant {
  var learningRate: Double { adam.learningRate }
  var slots: [String] { ["first_moment", "second_moment"] }

  func update(_ context: UpdateContext) -> (parameter: Tensor, slots: [Tensor]) {
    adam.update(context)
  }
}

/// Adam with either kind of weight decay.
struct Adam: Sendable {
  enum Decay {
    /// g + λp in place of g.
    case coupled
    /// p − lr·λ·p in place of p.
    case decoupled
  }

  let learningRate: Double
  private let moments: AdamMoments
  private let weightDecay: Double
  private let decay: Decay

  init(from reader: inout ConfigReader, decay: Decay, weightDecay defaultDecay: Double) {
    learningRate = reader.read("learning_rate", default: 1e-3, "the step length", .nonNegative)
    let betas = reader.read(
      "betas", default: [0.9, 0.999], "how slowly the first and second moment forget",
      .init("two numbers, each at least 0 and less than 1") {
        $0.count == 2 && $0.allSatisfy { (0..<1).contains($0) }
      })
    let epsilon = reader.read(
      "epsilon", default: 1e-8, "added to the root of the second moment", .positive)
    moments = AdamMoments(beta1: betas.first ?? 0, beta2: betas.last ?? 0, epsilon: epsilon)
    weightDecay = reader.read(WeightDecay.key(default: defaultDecay))
    self.decay = decay
  }

  /// p ← p − lr·m̂/(√v̂ + ε).
  func update(_ context: UpdateContext) -> (parameter: Tensor, slots: [Tensor]) {
    let lr = context.learningRate
    switch decay {
    case .coupled:
      let g = context.decayedGradient(weightDecay)
      let (direction, slots) = moments.direction(along: g, context.slots, step: context.step)
      return (context.parameter - lr * direction, slots)
    case .decoupled:
      let g = context.gradient
      let (direction, slots) = moments.direction(along: g, context.slots, step: context.step)
      let step = lr * direction
      return (context.shrunkParameter(weightDecay) - step, slots)
    }
  }
}

/// The running moments of Adam.
struct AdamMoments: Sendable {
  let beta1: Double
  let beta2: Double
  let epsilon: Double

  /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², and m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and
  /// v̂ = v/(1 − β₂ᵗ).
  func direction(
    along g: Tensor, _ moments: [Tensor], step t: Tensor
  ) -> (direction: Tensor, moments: [Tensor]) {
    let squares = g * g
    let m = beta1 * moments[0] + (1 - beta1) * g
    let v = beta2 * moments[1] + (1 - beta2) * squares
    let mWeight = complement(ofPower: beta1, t)
    let vWeight = complement(ofPower: beta2, t)
    return (m / mWeight / (sqrt(v / vWeight) + epsilon), [m, v])
  }

  /// 1 − βᵗ for a scalar t ≥ 1 and 0 ≤ β < 1.
  ///
  /// As −2h/(1 − h) with h = tanh(t·log β/2): in float32 the difference itself would lose four digits
  /// where βᵗ is near 1, as in Adam's first steps.
  private func complement(ofPower beta: Double, _ t: Tensor) -> Tensor {
    guard beta > 0 else { return t.constant(1) }
    let h = tanh(t * (Double.log(beta) / 2))
    return -2 * h / (1 - h)
  }
}
