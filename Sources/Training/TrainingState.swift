import TensorGraph

/// The state of a training run: everything that the next step depends on.
public struct TrainingState: Sendable, Equatable {
  /// Kept tensors by name: weights, optimizer moments, power-iteration vectors, the step counter.
  var tensors: [String: HostTensor]
  /// The number of steps done.
  var step: Int
  /// The sum of losses over the completed steps of the current epoch.
  var epochLoss: Double
  /// The number of correct classifications in the completed steps of the current epoch.
  var epochCorrect: Double

  /// A state; by default before the first step.
  public init(
    tensors: [String: HostTensor], step: Int = 0, epochLoss: Double = 0, epochCorrect: Double = 0
  ) {
    self.tensors = tensors
    self.step = step
    self.epochLoss = epochLoss
    self.epochCorrect = epochCorrect
  }
}
