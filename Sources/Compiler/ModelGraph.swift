import BoundAlgebra
import ModelIR
import TensorGraph

/// The network appended to a graph: its parameters as persistent inputs, its logits, the new values of
/// its statistics.
public struct ModelGraph {
  /// Full parameter names in order of declaration with their declarations and values.
  public let parameters: [(name: String, declaration: ParameterDeclaration, value: Tensor)]
  /// Each layer's output, in the order of ``Model/nodes``.
  public let layers: [Tensor]
  /// F(x), [N, K].
  public let logits: Tensor
  /// New statistics by full name; empty for prediction.
  public let updates: [(name: String, value: Tensor)]
  /// What the bound's parameters and statistics are in this graph, by full name.
  public let boundOperands: [String: Tensor]

  /// Appends the network's function of `images` [N, …].
  public init(_ model: Model, images: Tensor, mode: LoweringContext.Mode) {
    let parameters = model.parameters.map { name, declaration in
      let value = images.builder.input(name, declaration.shape, isPersistent: true)
      return (name: name, declaration: declaration, value: value)
    }
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value) })
    var boundOperands = byName
    var layers: [Tensor] = []
    var updates: [(name: String, value: Tensor)] = []
    func value(of operand: Model.Node.Operand) -> Tensor {
      switch operand {
      case .input: images
      case .node(let index): layers[index]
      }
    }
    for node in model.nodes {
      let context = LoweringContext(
        builder: images.builder, inputs: node.operands.map(value(of:)), mode: mode,
        name: node.name, parameters: byName)
      layers.append(node.layer.lower(context))
      updates += context.updates
      for (name, value) in context.provided { boundOperands[name] = value }
    }
    self.parameters = parameters
    self.layers = layers
    self.logits = value(of: model.output)
    self.updates = updates
    self.boundOperands = boundOperands
  }
}

extension Model {
  /// Every parameter and statistic with its full name, in the order of the layers.
  public var parameters: [(name: String, declaration: ParameterDeclaration)] {
    nodes.flatMap { node in node.parameters.map { ("\(node.name).\($0.name)", $0) } }
  }

  /// The number of trained numbers.
  public var parameterCount: Int {
    parameters.reduce(0) { sum, parameter in
      parameter.declaration.role == .statistic
        ? sum : sum + parameter.declaration.shape.reduce(1, *)
    }
  }
}
