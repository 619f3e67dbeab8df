/// The format in which the certified network is executed.
public enum Precision: String, WordValue {
  /// IEEE 754 binary32, as the engines compute.
  case float32
  /// IEEE 754 binary64, with the same stored float32 weights.
  case float64
}
