import TensorGraph

/// What a layer's lowering works on, and what it says of the layer's statistics.
public final class LoweringContext {
  /// Whether the graph trains or predicts.
  public enum Mode {
    /// Training: a scalar counter that differs in each step and the seed of its random streams.
    case training(counter: Tensor, seed: UInt64)
    /// Prediction with frozen statistics.
    case inference
  }

  /// The graph under construction.
  public let builder: GraphBuilder
  /// The inputs, batch first.
  public let inputs: [Tensor]
  /// Training or prediction.
  public let mode: Mode
  /// The format of the operands of products.
  public let precision: TrainedPrecision
  /// The layer's name.
  public let name: String
  /// New values of statistics, by full name.
  public private(set) var updates: [(name: String, value: Tensor)] = []
  /// What replaces statistics in the bound of a training step, by full name.
  public private(set) var provided: [(name: String, value: Tensor)] = []
  /// The values inside a step along a gradient, if the layer is one.
  public private(set) var gradientStep: GradientStep?
  private let parameters: [String: Tensor]

  /// The values inside x − 2·Mᵀσ(M x + b).
  public struct GradientStep {
    /// M x + b.
    public let product: Tensor
    /// σ(M x + b).
    public let active: Tensor
    /// Mᵀσ(M x + b).
    public let adjoint: Tensor

    /// Names three values of one graph.
    public init(product: Tensor, active: Tensor, adjoint: Tensor) {
      (self.product, self.active, self.adjoint) = (product, active, adjoint)
    }
  }

  /// A context; `parameters` are keyed by full name.
  public init(
    builder: GraphBuilder, inputs: [Tensor], mode: Mode,
    precision: TrainedPrecision = .float32, name: String, parameters: [String: Tensor]
  ) {
    self.builder = builder
    self.inputs = inputs
    self.mode = mode
    self.precision = precision
    self.name = name
    self.parameters = parameters
  }

  /// The only input.
  public var input: Tensor { inputs[0] }

  /// One of the layer's parameters.
  public func parameter(_ suffix: String) -> Tensor {
    guard let parameter = parameters["\(name).\(suffix)"] else {
      preconditionFailure("layer '\(name)' uses an undeclared parameter '\(suffix)'")
    }
    return parameter
  }

  /// An operand of a product of the layer, in the format of such operands.
  ///
  /// A product has all its operands or none through this.
  public func factor(_ x: Tensor) -> Tensor {
    switch precision {
    case .float32, .tf32: x
    case .bfloat16: roundedToBFloat16(x)
    }
  }

  /// Says that the layer is a step along a gradient, so that rounding errors inside it are bounded by norms.
  public func isStep(along step: GradientStep) { gradientStep = step }

  /// Sets a statistic's value after the step.
  public func update(_ suffix: String, to value: Tensor) {
    updates.append(("\(name).\(suffix)", value))
  }

  /// Replaces a statistic in the bound of a training step, such as by the batch's own, through which
  /// gradients flow.
  public func provide(_ suffix: String, _ value: Tensor) {
    provided.append(("\(name).\(suffix)", value))
  }
}
