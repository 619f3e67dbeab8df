import Diagnostics

/// The network after shape inference: layers in topological order, a shape on every edge.
public struct Model: Sendable {
  /// One layer in its place.
  public struct Node: Sendable {
    /// Where an input comes from.
    public enum Operand: Hashable, Sendable {
      case input
      case node(Int)
    }
    /// Unique name.
    public let name: String
    /// The layer.
    public let layer: any Layer
    /// Where its inputs come from.
    public let operands: [Operand]
    /// The input shapes, without batch.
    public let inputShapes: [[Int]]
    /// The output shape, without batch.
    public let outputShape: [Int]
    /// Parameters and statistics, names within the layer.
    public let parameters: [ParameterDeclaration]
    /// The layer's keys with defaults, as YAML.
    public let configuration: [(key: String, text: String)]
    /// Its place in the spec.
    public let span: Span

    /// A node of given parts.
    public init(
      name: String, layer: any Layer, operands: [Operand], inputShapes: [[Int]],
      outputShape: [Int], parameters: [ParameterDeclaration],
      configuration: [(key: String, text: String)], span: Span
    ) {
      self.name = name
      self.layer = layer
      self.operands = operands
      self.inputShapes = inputShapes
      self.outputShape = outputShape
      self.parameters = parameters
      self.configuration = configuration
      self.span = span
    }

    /// How training forms the parameter `weight`; nil if it is trained itself.
    public var formedWeight: FormedWeight? { layer.formedWeight(for: inputShapes) }

    /// The kind of the layer.
    public var kind: String { type(of: layer).kind }
  }

  /// The spec's name.
  public let name: String
  /// The shape of one input.
  public let inputShape: [Int]
  /// Layers, operands first.
  public let nodes: [Node]
  /// Where the logits come from.
  public let output: Node.Operand

  /// A model of given parts; see ``Model/infer(_:_:)``.
  public init(name: String, inputShape: [Int], nodes: [Node], output: Node.Operand) {
    self.name = name
    self.inputShape = inputShape
    self.nodes = nodes
    self.output = output
  }

  /// The shape of an operand.
  public func shape(of operand: Node.Operand) -> [Int] {
    switch operand {
    case .input: inputShape
    case .node(let index): nodes[index].outputShape
    }
  }
}
