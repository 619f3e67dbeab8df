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

extension TrainingState {
  /// The kept tensors, with parameters replaced by their averages.
  ///
  /// - Parameter averages: the names of averages by parameter.
  func tensors(averagedBy averages: [String: String]) -> [String: HostTensor] {
    var result = tensors
    for (parameter, average) in averages { result[parameter] = tensors[average] }
    return result
  }
}
