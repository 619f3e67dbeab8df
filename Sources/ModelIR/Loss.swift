import TensorGraph

/// A training loss: one file in the catalog.
public protocol Loss: Sendable {
  /// The name in a spec, `lmt`.
  static var kind: String { get }
  /// The spec keys.
  static var keys: [SpecKeyDescription] { get }
  /// The key that `kind: value` sets.
  static var mainKey: String? { get }
  /// Keys for the generic tests, as YAML flow text.
  static var examples: [String] { get }
  /// Reads the keys; nil after a diagnostic.
  init?(from reader: inout ConfigReader)
  /// The margin weight c in input units, which a schedule may vary; nil if the loss has none.
  var marginWeight: Double? { get }
  /// Appends the mean loss over the batch, a scalar.
  func lower(_ context: inout LossContext) -> Value
}

/// What a loss works on.
public struct LossContext {
  /// The graph under construction.
  public var builder: GraphBuilder
  /// F(x), [N, K].
  public let logits: Value
  /// One-hot labels, [N, K].
  public let labels: Value
  /// A differentiable estimate of the network's Lipschitz constant, a scalar.
  public let networkBound: Value
  /// The same for what precedes a final dense layer, and that layer's weight [K, D].
  public let head: (bound: Value, weight: Value)?
  /// The current margin weight c, a scalar.
  public let marginWeight: Value

  /// Collects the parts.
  public init(
    builder: GraphBuilder, logits: Value, labels: Value, networkBound: Value,
    head: (bound: Value, weight: Value)?, marginWeight: Value
  ) {
    self.builder = builder
    self.logits = logits
    self.labels = labels
    self.networkBound = networkBound
    self.head = head
    self.marginWeight = marginWeight
  }
}
