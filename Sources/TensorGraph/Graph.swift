import Diagnostics

/// A reference to one tensor of a ``Graph``: the node that makes it.
public struct Value: Hashable, Sendable, Comparable {
  /// Position in ``Graph/nodes``.
  public let index: Int
  /// The value of node `index`.
  public init(_ index: Int) { self.index = index }
  /// Earlier nodes come first.
  public static func < (a: Value, b: Value) -> Bool { a.index < b.index }
}

/// One operation applied to earlier values.
public struct Node: Hashable, Sendable {
  /// What is computed.
  public let operation: Operation
  /// From what; every operand is an earlier node.
  public let operands: [Value]
  /// The type of the result.
  public let type: TensorType

  /// A node; ``GraphBuilder`` is the usual way to make one.
  public init(_ operation: Operation, _ operands: [Value], _ type: TensorType) {
    self.operation = operation
    self.operands = operands
    self.type = type
  }
}

/// A typed graph in static single assignment: nodes in topological order, named inputs and outputs.
///
/// An input that is `persistent` keeps its value between executions, and an output of the same name
/// replaces it afterwards: weights, optimizer moments, power-iteration vectors, counters.
public struct Graph: Hashable, Sendable {
  /// A named input.
  public struct Input: Hashable, Sendable {
    /// Unique among the inputs.
    public let name: String
    /// The node with ``Operation/input(_:)``.
    public let value: Value
    /// Whether the value is kept between executions.
    public let isPersistent: Bool
    /// Where the user declared what it belongs to, for error messages; equal inputs may differ in it.
    public let place: Span?
    /// Declares an input.
    public init(name: String, value: Value, isPersistent: Bool, place: Span? = nil) {
      self.name = name
      self.value = value
      self.isPersistent = isPersistent
      self.place = place
    }

    /// Whether name, value and persistence are equal.
    public static func == (a: Input, b: Input) -> Bool {
      a.name == b.name && a.value == b.value && a.isPersistent == b.isPersistent
    }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(value)
      hasher.combine(isPersistent)
    }
  }

  /// A named output.
  public struct Output: Hashable, Sendable {
    /// Unique among the outputs; the name of a persistent input if it updates that.
    public let name: String
    /// What is returned.
    public let value: Value
    /// Declares an output.
    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// The entry point's name.
  public var name: String
  /// Nodes, operands first.
  public var nodes: [Node]
  /// Inputs in order of declaration.
  public var inputs: [Input]
  /// Outputs in order of declaration.
  public var outputs: [Output]

  /// A graph of given parts; see ``GraphBuilder``.
  public init(name: String, nodes: [Node] = [], inputs: [Input] = [], outputs: [Output] = []) {
    self.name = name
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The node behind a value.
  public subscript(value: Value) -> Node { nodes[value.index] }
}
