/// An entry of `train.log`: a file with the measured values of each epoch, for another tool.
public enum TrainingLog: String, WordValue {
  /// An event file for TensorBoard.
  case tensorboard
}
