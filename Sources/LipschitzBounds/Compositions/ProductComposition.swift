import BoundAlgebra
import Diagnostics
import ModelIR
import TensorGraph

/// The symbolic Lipschitz bounds of a network and its parts, composed along its graph.
///
/// Rules (proofs in `docs/soundness.md`): the input's map to itself has constant 1; through a layer
/// with constant K the bound is multiplied by K; an addition adds its operands' bounds; a
/// concatenation takes the root of the sum of their squares. A node used several times is bounded
/// once.
///
/// What all paths to a node share is factored out: at a node v whose paths from the input all pass
/// through d (its immediate dominator) the bound is L(d) times the bound from d to v, so that a
/// residual chain gives Π(1 + …) and not an expression of exponential size.
public struct ModelBounds: Sendable {
  /// A final dense layer and the bound of what it is applied to.
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
  /// Each layer's own constant, by node; for a layer of several inputs, of its inputs side by side.
  public let own: [BoundExpr]
  /// Bounds the map from the network's input to each node's output.
  public let upTo: [BoundExpr]
  /// Bounds the network.
  public let network: BoundExpr
  /// The head, where the output is a dense layer.
  public let head: Head?
  /// Other ways to compose the bounds of nodes.
  public let plan: CompositionPlan

  /// Composes the bounds of a model; linear in its size for nested branches.
  public init(of model: Model) {
    let layers = model.nodes.map { node in
      node.layer.bound(
        in: LayerBoundContext(name: node.name, inputs: node.inputShapes, span: node.span))
    }
    let own = zip(layers, model.nodes).map { $0.ownConstant(of: $1) }
    var composition = DominatedProducts()
    for (index, node) in model.nodes.enumerated() {
      composition.append(layers[index], own: own[index], operands: node.operands.map(\.position))
    }
    let fromInput = composition.fromInput
    self.layers = layers
    self.own = own
    operators = layers.flatMap(\.operators).filter { $0.closedNorm == nil }
    upTo = Array(fromInput.dropFirst())
    network = fromInput[model.output.position].simplified()
    head = Self.head(of: model, layers: layers, fromInput: fromInput)
    plan = CompositionPlan(model, layers: layers)
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
  /// The operators whose norms the layer's constant may name.
  fileprivate var operators: [LinearOperator] {
    switch self {
    case .linear(let map): [map]
    case .constant(_, let maps): maps
    case .elementwise, .addition, .concatenation, .unbounded: []
    }
  }

  /// The constant of the layer by itself.
  fileprivate func ownConstant(of node: Model.Node) -> BoundExpr {
    switch self {
    case .linear(let map): map.norm.simplified()
    case .elementwise(let slopes): BoundExpr.constant(slopes.largestMagnitude).simplified()
    case .constant(let bound, _): bound.simplified()
    case .addition: BoundExpr.constant(.squareRoot(node.operands.count, 1)).simplified()
    case .concatenation: .one
    case .unbounded(let reason): .unbounded(.init(reason, at: node.span))
    }
  }
}

extension Slopes {
  /// The larger magnitude of the two ends: the function's Lipschitz constant.
  public var largestMagnitude: BoundConstant {
    if negative.upper.value <= positive.lower.value { return positive }
    if positive.upper.value <= negative.lower.value || positive == negative { return negative }
    return .enclosed(
      "max(\(negative), \(positive))", lower: max(negative.lower, positive.lower),
      upper: max(negative.upper, positive.upper))
  }
}
