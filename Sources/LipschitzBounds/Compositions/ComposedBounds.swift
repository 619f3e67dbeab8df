import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

/// Guaranteed bounds of the map from a network's input to each of its nodes, for given weights: at every
/// node the least of what the product rule and the sums of ``CompositionPlan`` give.
public struct ComposedBounds: Sendable {
  /// What a bound was computed from.
  public enum Origin: Sendable {
    /// The bounds of the operands.
    case operands
    /// A sum of the plan.
    case sum(CompositionPlan.Snapshot)
    /// The chain of dense layers that ends there.
    case chain(ChainBound)
  }

  /// A certified chain of dense layers.
  public struct ChainBound: Sendable {
    /// What it is applied to: 0 for the input, then the nodes in order.
    public let source: Int
    /// Its constant.
    public let norm: UpperBound
    /// The weights λ of the constraints that its activations satisfy, in order.
    public let multipliers: [Double]
  }

  /// One bound of a node.
  public struct Candidate: Sendable {
    /// What it was computed from.
    public let origin: Origin
    /// How it is composed.
    public let composition: Composition
    /// The bound, in norms of operators and bounds of earlier nodes.
    public let expression: BoundExpr
    /// Its value.
    public let upper: UpperBound
    /// The same expression at lower bounds of norms and at those of earlier nodes.
    public let lower: LowerBound
  }

  /// What is known of a node.
  public struct Node: Sendable {
    /// The least candidate.
    public let best: Candidate
    /// Every candidate that was evaluated, the product rule first.
    public let candidates: [Candidate]
  }

  /// By position: 0 is the input, then the nodes in order.
  public let nodes: [Node]
  /// Guaranteed norms of composed operators by name.
  public let norms: [NormSymbol: NormBound]
  /// Bounds on differences of outputs that follow from the output's sums, [K, K] row-major; nil where
  /// the operators of none of them could be written out.
  public let outputDifferences: [UpperBound]?
  /// Everything that ``outputDifferences`` are the least of.
  public let differenceOrigins: [Origin]
  /// What ``outputDifferences`` come from, the sum with the smallest largest difference.
  public let differenceExpression: BoundExpr?

  /// Evaluates a plan.
  ///
  /// - Parameters:
  ///   - layerNorms: the norms of the layers' own operators.
  ///   - weights: a parameter's or statistic's elements by full name.
  public init(
    _ model: Model, _ bounds: ModelBounds, layerNorms: OperatorNorms, effort: NormEffort,
    weights: @Sendable @escaping (String) -> [Float]
  ) {
    let plan = bounds.plan
    let evaluated = AnchorNorms.all(
      plan, layerNorms: layerNorms, effort: effort, output: model.output.position,
      weights: weights)
    var walk = BoundWalk(model: model, bounds: bounds, layerNorms: layerNorms)
    walk.run(evaluated)
    nodes = walk.nodes
    norms = walk.norms
    outputDifferences = walk.differences?.values
    differenceExpression = walk.differences?.expression
    differenceOrigins = walk.differenceOrigins
  }

  /// The network's bound.
  public func network(of model: Model) -> Candidate { self[model.output].best }

  /// The bounds of an operand.
  public subscript(operand: Model.Node.Operand) -> Node { nodes[operand.position] }
}
