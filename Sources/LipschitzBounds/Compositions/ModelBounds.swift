import BoundAlgebra
import Diagnostics
import ModelIR
import TensorGraph

/// The symbolic Lipschitz bounds of a network and its parts, composed along its graph.
///
/// The rules, with proofs in `docs/soundness.md`: The map from the input to itself has constant 1. A layer
/// with constant K multiplies the bound by K. An addition adds the bounds of its operands, and a
/// concatenation takes the root of the sum of their squares. A node that is used several times is
/// bounded once.
///
/// The common part of all paths to a node is factored out: if all paths from the input to v pass through
/// its immediate dominator d, then the bound is L(d) times the bound from d to v. So a residual chain
/// gives Π(1 + …), not an expression of exponential size.
public struct ModelBounds: Sendable {
  /// A final dense layer and the bound of its argument.
  public struct Head: Sendable {
    /// The index of the layer in ``Model/nodes``.
    public let node: Int
    /// The full name of its weight [outputs, inputs].
    public let weight: String
    /// The number of logits.
    public let outputs: Int
    /// The number of features.
    public let inputs: Int
    /// Bounds the map from the network's input to the features.
    public let before: BoundExpr
  }

  /// How each layer enters the bound, by node.
  public let layers: [LayerBound]
  /// The linear operators whose norms depend on parameters, in node order.
  public let operators: [LinearOperator]
  /// Each layer's own constant, by node; several inputs of a layer count as one vector.
  public let own: [BoundExpr]
  /// Bounds the map from the network's input to each node's output.
  public let upTo: [BoundExpr]
  /// Bounds the network.
  public let network: BoundExpr
  /// The head, where the output is a dense layer.
  public let head: Head?
  /// The sums that may give better bounds than the product rule.
  public let plan: CompositionPlan

  /// Composes the bounds of a model, in time linear in its size if its branches are nested.
  public init(of model: Model) {
    let layers = model.nodes.map { node in
      node.layer.bound(
        in: LayerBoundContext(name: node.name, inputs: node.inputShapes, span: node.span))
    }
    let own = zip(layers, model.nodes).map { $0.ownConstant(of: $1) }
    var tree = DominatorTree()
    for (index, node) in model.nodes.enumerated() {
      tree.append(layers[index], own: own[index], operands: node.operands.map(\.position))
    }
    let fromInput = tree.fromInput
    self.layers = layers
    self.own = own
    operators = layers.flatMap(\.operators).filter { $0.closedNorm == nil }
    upTo = Array(fromInput.dropFirst())
    network = fromInput[model.output.position].simplified()
    head = Self.head(of: model, layers: layers, fromInput: fromInput)
    plan = CompositionPlan(model, layers: layers)
  }

  /// Bounds every difference of two outputs by the product rule: ‖wᵢ − wⱼ‖ times the bound of a final dense
  /// layer's argument, else √2 times the network's bound.
  public func productOfDifference(of model: Model) -> BoundExpr {
    guard let head else {
      return BoundExpr.product([.constant(.squareRoot(2, 1)), network]).simplified()
    }
    let distance = BoundExpr.norm(NormSymbol(.headDistance, model.nodes[head.node].name))
    return BoundExpr.product([head.before, distance]).simplified()
  }

  private static func head(
    of model: Model, layers: [LayerBound], fromInput: [BoundExpr]
  ) -> Head? {
    guard case .node(let index) = model.output, case .linear(let map) = layers[index],
      case .dense(let weight, let inputs, let outputs) = map.form,
      let operand = model.nodes[index].operands.first
    else { return nil }
    return Head(
      node: index, weight: weight, outputs: outputs, inputs: inputs,
      before: fromInput[operand.position].simplified())
  }
}

extension LayerBound {
  /// The operators whose norms may occur in the layer's constant.
  fileprivate var operators: [LinearOperator] {
    switch self {
    case .linear(let map): [map]
    case .constant(_, let maps): maps
    case .elementwise, .comparisons, .addition, .concatenation, .unbounded: []
    }
  }

  /// The constant of the layer by itself.
  fileprivate func ownConstant(of node: Model.Node) -> BoundExpr {
    switch self {
    case .linear(let map): map.norm.simplified()
    case .elementwise(let slopes): BoundExpr.constant(slopes.largestMagnitude).simplified()
    case .constant(let bound, _): bound.simplified()
    case .comparisons: .one
    case .addition: BoundExpr.constant(.squareRoot(node.operands.count, 1)).simplified()
    case .concatenation: .one
    case .unbounded(let reason): .unbounded(.init(reason, at: node.span))
    }
  }
}

extension Slopes {
  /// The larger magnitude of the two ends, which is the Lipschitz constant of the function.
  public var largestMagnitude: BoundConstant {
    if negative.upper.value <= positive.lower.value { return positive }
    if positive.upper.value <= negative.lower.value || positive == negative { return negative }
    return .enclosed(
      "max(\(negative), \(positive))", lower: max(negative.lower, positive.lower),
      upper: max(negative.upper, positive.upper))
  }
}
