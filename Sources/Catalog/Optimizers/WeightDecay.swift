import ModelIR
import TensorGraph

/// The key `weight_decay`, λ, which applies to weights and not to biases.
enum WeightDecay {
  static func key(default value: Double) -> SpecKey<Double> {
    SpecKey("weight_decay", default: value, "the decay λ of weights", .nonNegative)
  }
}

extension UpdateContext {
  /// g + λp where the parameter decays, else g.
  func decayedGradient(_ weightDecay: Double) -> Tensor {
    decays && weightDecay > 0 ? gradient + weightDecay * parameter : gradient
  }

  /// p − lr·λ·p where the parameter decays, else p.
  func shrunkParameter(_ weightDecay: Double) -> Tensor {
    decays && weightDecay > 0 ? parameter - learningRate * weightDecay * parameter : parameter
  }
}
