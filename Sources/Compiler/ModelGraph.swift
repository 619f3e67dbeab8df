import BoundAlgebra
import Diagnostics
import ModelIR
import TensorGraph

/// The network appended to a graph: its parameters as persistent inputs, its logits, the new values of
/// its statistics.
///
/// In training a formed weight is computed from its free tensor, which is the input in its place.
public struct ModelGraph {
  /// Full parameter names in order of declaration with their declarations and values.
  public let parameters: [(name: String, declaration: ParameterDeclaration, value: Tensor)]
  /// Each layer's output, in the order of ``Model/nodes``.
  public let layers: [Tensor]
  /// The values inside those that are steps along gradients, by the layer's index.
  public let gradientSteps: [Int: LoweringContext.GradientStep]
  /// F(x), [N, K].
  public let logits: Tensor
  /// New statistics by full name; empty for prediction.
  public let updates: [(name: String, value: Tensor)]
  /// What the bound's parameters and statistics are in this graph, by full name.
  public let boundOperands: [String: Tensor]

  /// Appends the network's function of `images` [N, …].
  ///
  /// - Parameter precision: the format of the operands of products.
  public init(
    _ model: Model, images: Tensor, mode: LoweringContext.Mode,
    precision: TrainedPrecision = .float32
  ) {
    let isTraining = if case .training = mode { true } else { false }
    let declared = isTraining ? model.trainedParameters : model.parameters
    let places = model.parameterPlaces
    let parameters = declared.map { name, declaration in
      let value = images.builder.input(
        name, declaration.shape, isPersistent: true, place: places[name])
      return (name: name, declaration: declaration, value: value)
    }
    var byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value) })
    if isTraining {
      for weight in model.formedWeights {
        byName[weight.name] = byName[weight.freeName].map(weight.trained)
      }
    }
    var boundOperands = byName
    var layers: [Tensor] = []
    var gradientSteps: [Int: LoweringContext.GradientStep] = [:]
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
        precision: precision, name: node.name, parameters: byName)
      let layer = node.layer.lower(context)
      gradientSteps[layers.count] = context.gradientStep
      layers.append(layer)
      updates += context.updates
      for (name, value) in context.provided { boundOperands[name] = value }
    }
    self.parameters = parameters
    (self.layers, self.gradientSteps) = (layers, gradientSteps)
    self.logits = value(of: model.output)
    self.updates = updates
    self.boundOperands = boundOperands
  }
}

extension Model {
  /// A weight that training forms from a free tensor.
  public struct Formed {
    /// The layer.
    public let node: Node
    /// How the weight is formed.
    public let weight: FormedWeight

    /// The full name of the weight.
    public var name: String { "\(node.name).\(FormedWeight.name)" }
    /// The full name of its free tensor.
    public var freeName: String { "\(node.name).\(weight.free.name)" }
    /// The shape of the weight.
    public var shape: [Int] {
      guard let declared = node.parameters.first(where: { $0.name == FormedWeight.name }) else {
        preconditionFailure("'\(node.name)' forms a weight that it does not declare")
      }
      return declared.shape
    }
    /// The weight for a free tensor.
    public func formed(from free: Tensor) -> Tensor { weight.weight(from: free, shape: shape) }
    /// The weight that a training step uses.
    public func trained(from free: Tensor) -> Tensor {
      weight.trainedWeight(from: free, shape: shape)
    }
  }

  /// The weights that training forms from free tensors, in the order of the layers.
  public var formedWeights: [Formed] {
    nodes.compactMap { node in node.formedWeight.map { Formed(node: node, weight: $0) } }
  }

  /// What training moves: ``parameters`` with the free tensors in place of the weights formed from them.
  public var trainedParameters: [(name: String, declaration: ParameterDeclaration)] {
    let formed = Dictionary(uniqueKeysWithValues: formedWeights.map { ($0.name, $0) })
    return parameters.map { parameter in
      formed[parameter.name].map { ($0.freeName, $0.weight.free) } ?? parameter
    }
  }

  /// The layers in the spec of ``parameters`` and ``trainedParameters``, by full name.
  var parameterPlaces: [String: Span] {
    let own = nodes.flatMap { node in
      node.parameters.map { ("\(node.name).\($0.name)", node.span) }
    }
    let free = formedWeights.map { ($0.freeName, $0.node.span) }
    return Dictionary(uniqueKeysWithValues: own + free)
  }

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
