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
  /// A layer's term of the loss; nil for none.
  var penalty: Penalty? { get }
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

/// How a layer's term of the loss, a scalar, is appended to a graph.
///
/// What it is made of says what a training step has to provide.
public enum Penalty: Sendable {
  /// Made of the layer's weight.
  case ofWeight(@Sendable (_ weight: Value, _ builder: inout GraphBuilder) -> Value)
  /// Made of the estimate of the spectral norm of the layer's operator, a scalar from the step's own power
  /// iteration, differentiable in the weight.
  case ofNorm(@Sendable (_ norm: Value, _ builder: inout GraphBuilder) -> Value)
}
