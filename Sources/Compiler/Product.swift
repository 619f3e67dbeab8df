/// The product's name and version.
public enum Product {
  /// The version that files carry.
  public static let version = "0.1.0"
}
