import TensorGraph

/// Where a training run stands: everything that the next step depends on.
public struct TrainingState: Sendable, Equatable {
  /// Kept tensors by name: weights, optimiser moments, power-iteration vectors, the step counter.
  public var tensors: [String: HostTensor]
  /// Steps done.
  public var step: Int
  /// Sums over the steps done of the epoch under way.
  public var epochLoss: Double
  /// Right classifications in the steps done of the epoch under way.
  public var epochCorrect: Double

  /// A state of given parts.
  public init(
    tensors: [String: HostTensor], step: Int = 0, epochLoss: Double = 0, epochCorrect: Double = 0
  ) {
    self.tensors = tensors
    self.step = step
    self.epochLoss = epochLoss
    self.epochCorrect = epochCorrect
  }
}
