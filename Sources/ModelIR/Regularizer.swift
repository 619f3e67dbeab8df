import TensorGraph

/// A constraint on the weights of linear layers.
///
/// It acts through a term of the loss, or on the weight itself after each update.
public protocol Regularizer: CatalogEntry where Example == String {
  /// The layers it acts on.
  var layers: RegularizedLayers { get }
  /// A layer's term of the loss; nil for none.
  var penalty: Penalty? { get }
  /// What replaces a layer's weight after an update.
  ///
  /// - Parameters:
  ///   - weight: [rows, …].
  ///   - groups: the number of equal parts of the rows that see different inputs, as in a grouped
  ///     convolution.
  func retraction(of weight: Tensor, groups: Int) -> Tensor
}

extension Regularizer {
  /// None unless an entry says otherwise.
  public var penalty: Penalty? { nil }
  /// The weight itself.
  public func retraction(of weight: Tensor, groups: Int) -> Tensor { weight }
}

/// Which dense layers and convolutions a regularizer acts on.
public enum RegularizedLayers: String, WordValue {
  /// All.
  case all
  /// All but a final dense layer.
  case hidden
  /// A final dense layer.
  case head
}

/// A layer's term of the loss, a scalar, as a function of what the training step provides.
public enum Penalty: Sendable {
  /// A function of the layer's weight.
  case ofWeight(@Sendable (_ weight: Tensor) -> Tensor)
  /// A function of the estimated spectral norm of the layer's operator, a scalar from the step's own
  /// power iteration, differentiable in the weight.
  case ofNorm(@Sendable (_ norm: Tensor) -> Tensor)
}
