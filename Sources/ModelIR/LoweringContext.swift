import TensorGraph

/// What a layer needs to append itself to a graph.
public struct LoweringContext {
  /// Whether the graph trains or predicts.
  public enum Mode {
    /// Training: a scalar counter that differs each step and the seed of its random streams.
    case training(counter: Value, seed: UInt64)
    /// Prediction with frozen statistics.
    case inference
  }

  /// The graph under construction.
  public var builder: GraphBuilder
  /// The inputs, batch first.
  public let inputs: [Value]
  /// Training or prediction.
  public let mode: Mode
  /// The layer's name.
  public let name: String
  /// New values of statistics, by full name.
  public private(set) var updates: [(name: String, value: Value)] = []
  /// What stands for statistics in the bound of a training step, by full name.
  public private(set) var provided: [(name: String, value: Value)] = []
  let parameters: [String: Value]

  /// A context; `parameters` are keyed by full name.
  public init(
    builder: GraphBuilder, inputs: [Value], mode: Mode, name: String, parameters: [String: Value]
  ) {
    self.builder = builder
    self.inputs = inputs
    self.mode = mode
    self.name = name
    self.parameters = parameters
  }

  /// The value of one of the layer's parameters.
  public func parameter(_ suffix: String) -> Value {
    guard let value = parameters["\(name).\(suffix)"] else {
      preconditionFailure("layer '\(name)' uses an undeclared parameter '\(suffix)'")
    }
    return value
  }

  /// Sets a statistic's value after the step.
  public mutating func update(_ suffix: String, to value: Value) {
    updates.append(("\(name).\(suffix)", value))
  }

  /// Lets the bound of a training step use another value for a statistic than the kept one: the
  /// batch's own, through which gradients flow.
  public mutating func provide(_ suffix: String, _ value: Value) {
    provided.append(("\(name).\(suffix)", value))
  }
}
