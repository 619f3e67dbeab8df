import TensorGraph

/// The exponential moving average of a network's parameters over training steps, which is what is stored and
/// certified in their place.
///
/// After step t it is a ← d·a + (1 − d)·w with d = min(decay, (t − 1)/(t + 9)): at first the average covers about
/// the last tenth of the steps, so that where training started is forgotten.
///
/// - Reference: Polyak, Juditsky 1992; the growing decay is that of TensorFlow's `ExponentialMovingAverage`.
struct WeightAverage {
  private let share: Tensor

  /// - Parameters:
  ///   - decay: the weight of the old average, in [0, 1).
  ///   - step: the number of the step, from 1.
  init(decay: Double, step: Tensor) {
    share = 1 - min(decay, (step - 1) / (step + 9))
  }

  /// The name of the kept tensor with a parameter's average.
  static func name(of parameter: String) -> String { "\(parameter)/average" }

  /// Appends the average of a parameter that has a new value.
  func append(_ parameter: String, _ value: Tensor) {
    let builder = value.builder
    let name = Self.name(of: parameter)
    let old = builder.input(name, value.shape, isPersistent: true)
    builder.output(name, old + share * (value - old))
  }
}
