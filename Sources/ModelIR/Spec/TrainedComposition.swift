/// The key `train.composition`: how the estimate of the bound is composed that a training step lowers.
///
/// Certificates always take the least guaranteed value of every composition there is.
public enum TrainedComposition: String, WordValue {
  /// Each layer's own norm: products, sums and roots of sums of squares, as in the paper.
  case product
  /// Linear regions such as a convolution and its batch normalization as one operator.
  case regions
  /// Activations split into their middle line and a remainder, or regions where that is less.
  case liplt
  /// Chains of dense layers by quadratic constraints (ECLipsE-Fast), and regions elsewhere.
  case eclipse
}
