import TensorGraph

/// An update rule of the parameters.
public protocol Optimizer: CatalogEntry where Example == String {
  /// The learning rate that a schedule may vary.
  var learningRate: Double { get }
  /// Names of the tensors kept per parameter, of its shape, starting at 0.
  var slots: [String] { get }
  /// One update: the new parameter and the new slots.
  func update(_ context: UpdateContext) -> (parameter: Tensor, slots: [Tensor])
}

/// What an update rule works on.
public struct UpdateContext {
  /// The graph under construction.
  public let builder: GraphBuilder
  /// The parameter before the step.
  public let parameter: Tensor
  /// The loss's gradient.
  public let gradient: Tensor
  /// The kept tensors, in the order of ``Optimizer/slots``.
  public let slots: [Tensor]
  /// The current learning rate, a scalar.
  public let learningRate: Tensor
  /// The number of this step, a scalar, from 1.
  public let step: Tensor
  /// Whether weight decay applies to the parameter.
  public let decays: Bool

  /// Collects the parts.
  public init(
    builder: GraphBuilder, parameter: Tensor, gradient: Tensor, slots: [Tensor],
    learningRate: Tensor,
    step: Tensor, decays: Bool
  ) {
    self.builder = builder
    self.parameter = parameter
    self.gradient = gradient
    self.slots = slots
    self.learningRate = learningRate
    self.step = step
    self.decays = decays
  }
}
