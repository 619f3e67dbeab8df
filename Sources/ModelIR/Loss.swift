import TensorGraph

/// A training loss.
public protocol Loss: CatalogEntry where Example == String {
  /// The margin weight c in input units, which a schedule may vary; nil if the loss has none.
  var marginWeight: Double? { get }
  /// The mean loss over the batch, a scalar.
  func lower(_ context: LossContext) -> Tensor
}

extension Loss {
  /// None unless an entry says otherwise.
  public var marginWeight: Double? { nil }
}

/// What a loss works on.
public struct LossContext {
  /// The graph under construction.
  public let builder: GraphBuilder
  /// F(x), [N, K].
  public let logits: Tensor
  /// One-hot labels, [N, K].
  public let labels: Tensor
  /// A differentiable estimate of the network's Lipschitz constant, a scalar.
  public let networkBound: Tensor
  /// A matrix [K, D] and a factor, which times the distance of rows i and j estimates the constant of F_i − F_j.
  ///
  /// They are the weight of a final dense layer and the estimate for what precedes it, or what takes their place where
  /// the layer and those before it are estimated as a whole; nil if the network does not end in a dense layer.
  public let head: (bound: Tensor, rows: Tensor)?
  /// The current margin weight c, a scalar.
  public let marginWeight: Tensor

  /// Collects the parts.
  public init(
    builder: GraphBuilder, logits: Tensor, labels: Tensor, networkBound: Tensor,
    head: (bound: Tensor, rows: Tensor)?, marginWeight: Tensor
  ) {
    self.builder = builder
    self.logits = logits
    self.labels = labels
    self.networkBound = networkBound
    self.head = head
    self.marginWeight = marginWeight
  }
}
