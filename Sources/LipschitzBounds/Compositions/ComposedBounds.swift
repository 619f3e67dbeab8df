import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR
import TensorGraph

/// Guaranteed bounds of the map from a network's input to each of its nodes, for given weights.
///
/// The bound of a node is the least of those that the product rule, the sums of ``CompositionPlan`` and
/// the chains of dense layers give. Every number is the value of the expression beside it.
public struct ComposedBounds: Sendable {
  /// How a bound was computed.
  public enum Origin: Sendable {
    /// From the bounds of the operands.
    case operands
    /// By a sum of the plan.
    case sum(CompositionPlan.Sum)
    /// By the chain of dense layers that ends at the node.
    case chain(ChainBound)
    /// By multipliers for the part of the network that ends at the node.
    case multipliers(RegionBound)
  }

  /// A certified chain of dense layers.
  public struct ChainBound: Sendable {
    /// The position that it is applied to: 0 for the input, then the nodes in order.
    public let source: Int
    /// The Lipschitz constant of the chain.
    public let norm: UpperBound
    /// The weights λ of the constraints that its activations satisfy, in order.
    public let multipliers: [Double]
  }

  /// One bound of a node.
  public struct Candidate: Sendable {
    /// How it was computed.
    public let origin: Origin
    /// How it is composed.
    public let composition: Composition
    /// The bound in norms of operators and bounds of earlier nodes.
    public let expression: BoundExpr
    /// The value of the expression.
    public let upper: UpperBound
    /// The same expression with lower bounds in place of the upper ones.
    public let lower: LowerBound
  }

  /// The bounds of a node.
  public struct Node: Sendable {
    /// The least candidate.
    public let best: Candidate
    /// Every candidate that was evaluated, the product rule first.
    public let candidates: [Candidate]
  }

  /// By position: 0 is the input, then the nodes in order.
  public let nodes: [Node]
  /// Guaranteed norms of composed operators, and the constants of chains.
  public let norms: [NormSymbol: NormBound]
  /// Bounds of the differences of two outputs; nil if only ``uniformDifference`` is known.
  public let differences: PairwiseHead?
  /// √2 times the network's bound, which bounds every difference of two outputs.
  public let uniformDifference: PairwiseHead.Candidate
  /// The sums and chains among the bounds of ``differences``.
  public let differenceOrigins: [Origin]
  /// Quantities of pairs of outputs that occur in ``differences``, [K, K] row-major.
  public let pairNorms: [NormSymbol: [UpperBound]]

  /// Evaluates a plan.
  ///
  /// - Parameters:
  ///   - layerNorms: the norms of the layers' own operators.
  ///   - search: how long multipliers are looked for.
  ///   - workers: the cores to use.
  ///   - observer: told of the search for multipliers.
  ///   - weights: a parameter's or statistic's elements by full name.
  public init(
    _ model: Model, _ bounds: ModelBounds, layerNorms: OperatorNorms, effort: NormEffort,
    search: BoundEffort = .quick, workers: Workers = .single,
    observer: BoundProgress.Observer = { _ in }, weights: @Sendable @escaping (String) -> [Float]
  ) {
    let planned = PlannedNodeNorms.all(
      bounds.plan, layerNorms: layerNorms, effort: effort, search: search,
      output: model.output.position, workers: workers, observer: observer, weights: weights)
    var walk = BoundWalk(model: model, bounds: bounds, layerNorms: layerNorms)
    walk.run(planned)
    let differences = walk.differences(planned[model.output.position], weights)
    nodes = walk.nodes
    norms = walk.norms
    uniformDifference = differences[differences.count - 1]
    self.differences =
      differences.count > 1
      ? PairwiseHead(count: model.shape(of: model.output)[0], differences) : nil
    differenceOrigins = walk.differenceOrigins
    pairNorms = walk.pairNorms
  }

  /// The network's bound.
  public func network(of model: Model) -> Candidate { self[model.output].best }

  /// The bounds of an operand.
  public subscript(operand: Model.Node.Operand) -> Node { nodes[operand.position] }
}
