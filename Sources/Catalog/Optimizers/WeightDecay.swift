import ModelIR
import TensorGraph

/// The key `weight_decay`, λ, which applies to weights and not to biases.
enum WeightDecay {
  /// The key with an optimiser's default.
  static func key(default value: Double) -> SpecKey<Double> {
    SpecKey<Double>(
      "weight_decay", default: value, "the decay λ of weights", .init("at least 0") { $0 >= 0 })
  }
}

extension UpdateContext {
  /// g + λp where the parameter decays, else g.
  mutating func decayedGradient(_ weightDecay: Double) -> Value {
    guard decays, weightDecay > 0 else { return gradient }
    return builder.add(gradient, builder.scale(parameter, by: weightDecay))
  }

  /// p − lr·λ·p where the parameter decays, else p.
  mutating func shrunkParameter(_ weightDecay: Double) -> Value {
    guard decays, weightDecay > 0 else { return parameter }
    let share = builder.scale(learningRate, by: weightDecay)
    return builder.subtract(parameter, builder.multiply(share, parameter))
  }
}
