/// The key `train.precision`: the format of the operands of products in training.
///
/// Weights, their updates, sums of products and everything between products are float32 in all, and certificates are
/// always about the float32 network.
public enum TrainedPrecision: String, WordValue {
  /// IEEE 754 binary32.
  case float32
  /// Rounded to 11 significant bits by devices that multiply such numbers faster, in all products of a step; float32 on
  /// others.
  case tf32
  /// Rounded to 8 significant bits, with the exponents of float32, in the products of the network.
  case bfloat16
}
