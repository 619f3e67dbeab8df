/// The key `train.precision`: the format of the operands of the network's products in training.
///
/// Weights, their updates, sums of products, everything between products and the estimate of the bound are float32
/// in both, and certificates are always about the float32 network.
public enum TrainedPrecision: String, WordValue {
  /// IEEE 754 binary32.
  case float32
  /// Rounded to 8 significant bits, with the exponents of float32.
  case bfloat16
}
