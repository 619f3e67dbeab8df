/// The key `train.task`: what the network is for.
public enum TrainedTask: String, WordValue {
  /// It tells classes apart.
  case classifier
  /// The difference of its two logits bounds the Wasserstein distance between the samples of its two classes.
  case critic

  /// The loss of a spec that names none.
  var defaultLoss: String {
    switch self {
    case .classifier: "cross_entropy"
    case .critic: "wasserstein"
    }
  }
}
