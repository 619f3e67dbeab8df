import Execution

/// The length and speed of a training run.
public struct TrainingRecord: Sendable {
  /// The number of epochs done.
  public let epochs: Int
  /// The number of steps done.
  public let steps: Int
  /// Seconds spent in training; those of an interrupted process count up to its last whole epoch.
  public let seconds: Double
  /// Images per second.
  public let imagesPerSecond: Double
  /// Where the steps of this process spent their time, if they were profiled.
  public let profile: ExecutionProfile?
}
