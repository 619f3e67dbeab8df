/// How training went.
public struct TrainingRecord: Sendable {
  /// Epochs done.
  public let epochs: Int
  /// Steps done.
  public let steps: Int
  /// Seconds this process spent in training.
  public let seconds: Double
  /// Images a second in this process.
  public let imagesPerSecond: Double
  /// The record.
  public init(epochs: Int, steps: Int, seconds: Double, imagesPerSecond: Double) {
    self.epochs = epochs
    self.steps = steps
    self.seconds = seconds
    self.imagesPerSecond = imagesPerSecond
  }
}
