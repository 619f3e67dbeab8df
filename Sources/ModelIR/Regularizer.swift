import TensorGraph

/// A pull on the weights of linear layers beside the loss: one file in the catalog.
///
/// It acts as a term of the loss, through gradients, or on a weight itself after each update.
public protocol Regularizer: Sendable {
  /// The name in a spec, `spectral_norm`.
  static var kind: String { get }
  /// The spec keys.
  static var keys: [SpecKeyDescription] { get }
  /// The key that `kind: value` sets.
  static var mainKey: String? { get }
  /// Keys for the generic tests, as YAML flow text.
  static var examples: [String] { get }
  /// Reads the keys; nil after a diagnostic.
  init?(from reader: inout ConfigReader)
  /// The layers it acts on.
  var layers: RegularizedLayers { get }
  /// Appends a layer's term of the loss, a scalar; nil for none.
  func penalty(_ context: inout PenaltyContext) -> Value?
  /// Appends what takes the place of a layer's weight after an update; the weight itself for nothing.
  ///
  /// - Parameters:
  ///   - weight: [rows, …].
  ///   - groups: the equal parts of the rows that see inputs of their own: a convolution's groups.
  func retraction(of weight: Value, groups: Int, into builder: inout GraphBuilder) -> Value
}

/// Which dense layers and convolutions a regulariser acts on.
public enum RegularizedLayers: String, WordValue {
  /// All.
  case all
  /// All but a final dense layer.
  case hidden
  /// A final dense layer.
  case head
}

/// What a term of the loss is made of, for one layer.
public struct PenaltyContext {
  /// The graph under construction.
  public var builder: GraphBuilder
  /// The layer's weight.
  public let weight: Value
  /// The estimate of the spectral norm of the layer's operator, a scalar, from the step's own power
  /// iteration; differentiable in the weight.
  public let norm: Value

  /// Collects the parts.
  public init(builder: GraphBuilder, weight: Value, norm: Value) {
    self.builder = builder
    self.weight = weight
    self.norm = norm
  }
}
