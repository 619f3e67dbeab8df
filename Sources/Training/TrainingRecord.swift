import Execution

/// The length and speed of a training run.
public struct TrainingRecord: Sendable {
  /// The number of epochs done.
  public let epochs: Int
  /// The number of steps done.
  public let steps: Int
  /// Seconds this process spent in training.
  public let seconds: Double
  /// Images per second in this process.
  public let imagesPerSecond: Double
  /// Where the steps of this process spent their time, if they were profiled.
  public let profile: ExecutionProfile?
}
