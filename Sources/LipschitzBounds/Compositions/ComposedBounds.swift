import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

/// Guaranteed bounds of the map from a network's input to each of its nodes, for given weights.
///
/// The bound of a node is the least of those that the product rule, the sums of ``CompositionPlan`` and
/// the chains of dense layers give.
public struct ComposedBounds: Sendable {
  /// How a bound was computed.
  public enum Origin: Sendable {
    /// From the bounds of the operands.
    case operands
    /// By a sum of the plan.
    case sum(CompositionPlan.Sum)
    /// By the chain of dense layers that ends at the node.
    case chain(ChainBound)
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
  /// Guaranteed norms of composed operators by name.
  public let norms: [NormSymbol: NormBound]
  /// Bounds on differences of two outputs, [K, K] row-major, from the sums and the chain of the output;
  /// nil if none of them gives any.
  public let outputDifferences: [UpperBound]?
  /// The sums and chains of which ``outputDifferences`` is the least, pair by pair.
  public let differenceOrigins: [Origin]
  /// The bound whose largest difference is the smallest.
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
    let planned = PlannedNodeNorms.all(
      plan, layerNorms: layerNorms, effort: effort, output: model.output.position,
      weights: weights)
    var walk = BoundWalk(model: model, bounds: bounds, layerNorms: layerNorms)
    walk.run(planned)
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

/// Bounds the nodes of a network in order.
private struct BoundWalk {
  private let model: Model
  private let bounds: ModelBounds
  private let layerNorms: OperatorNorms
  private(set) var nodes: [ComposedBounds.Node] = []
  private(set) var norms: [NormSymbol: NormBound] = [:]
  private(set) var differences: (values: [UpperBound], expression: BoundExpr)?
  private(set) var differenceOrigins: [ComposedBounds.Origin] = []

  init(model: Model, bounds: ModelBounds, layerNorms: OperatorNorms) {
    self.model = model
    self.bounds = bounds
    self.layerNorms = layerNorms
    let input = ComposedBounds.Candidate(
      origin: .operands, composition: .product, expression: .one, upper: .one, lower: .one)
    nodes = [ComposedBounds.Node(best: input, candidates: [input])]
  }

  mutating func run(_ plannedNodes: [Int: PlannedNodeNorms]) {
    for index in model.nodes.indices {
      var candidates = [productRule(index)]
      if let planned = plannedNodes[index + 1] {
        for (map, norm) in planned.norms {
          norms[NormSymbol(bounds.plan.names[map] ?? "")] = norm
        }
        for sum in planned.node.sums { candidates.append(candidate(sum, planned)) }
        if let chain = candidate(ofChain: planned) { candidates.append(chain) }
        if index + 1 == model.output.position { differences = differences(planned) }
      }
      // Of equal values the first is taken, which comes from the simpler rule.
      let best = candidates.dropFirst().reduce(candidates[0]) { $1.upper < $0.upper ? $1 : $0 }
      nodes.append(ComposedBounds.Node(best: best, candidates: candidates))
    }
  }

  /// The product rule applied to the best bounds of the operands.
  private func productRule(_ index: Int) -> ComposedBounds.Candidate {
    let node = model.nodes[index]
    let operands = node.operands.map(\.position)
    let symbols = operands.map { position -> BoundExpr in
      position == 0
        ? .one
        : .norm(NormSymbol(pathTo: CompositionPlan.name(of: position, model)))
    }
    let expression: BoundExpr =
      switch bounds.layers[index] {
      case .addition: .sum(symbols)
      case .concatenation: .rootSumSquares(symbols)
      case .linear, .elementwise, .constant, .unbounded:
        .product([bounds.own[index]] + symbols)
      }
    let simplified = expression.simplified()
    let paths = Dictionary(
      zip(operands.map { CompositionPlan.name(of: $0, model) }, operands.map { nodes[$0].best }),
      uniquingKeysWith: { first, _ in first })
    return ComposedBounds.Candidate(
      origin: .operands, composition: .product, expression: simplified,
      upper: simplified.evaluate { symbol in
        symbol.quantity == .norm
          ? layerNorms.upper(symbol) : paths[symbol.name]?.upper ?? .infinity
      },
      lower: simplified.evaluateLower { symbol in
        symbol.quantity == .norm ? layerNorms.lower(symbol) : paths[symbol.name]?.lower ?? .zero
      })
  }

  private func candidate(
    _ sum: CompositionPlan.Sum, _ planned: PlannedNodeNorms
  ) -> ComposedBounds.Candidate {
    var (upper, lower) = (UpperBound.zero, LowerBound.zero)
    for term in sum.terms {
      let (norm, source) = (planned.norms[term.map], nodes[term.source].best)
      upper =
        upper
        + term.factors.reduce((norm?.upper ?? .infinity) * source.upper) { $0 * $1.upper }
      lower =
        lower + term.factors.reduce((norm?.lower ?? .zero) * source.lower) { $0 * $1.lower }
    }
    return ComposedBounds.Candidate(
      origin: .sum(sum), composition: sum.composition,
      expression: bounds.plan.expression(sum, of: model), upper: upper, lower: lower)
  }

  /// The constant of the chain of dense layers times the bound of its source.
  ///
  /// The constant is the number that was certified, so both sides use the same.
  private func candidate(ofChain planned: PlannedNodeNorms) -> ComposedBounds.Candidate? {
    guard let chain = planned.node.chain, let found = planned.chain else { return nil }
    let bound = ComposedBounds.ChainBound(
      source: chain.source, norm: found.norm, multipliers: found.multipliers)
    return ComposedBounds.Candidate(
      origin: .chain(bound), composition: .eclipse,
      expression: expression(of: NormSymbol(chain: chain.name), chain.source),
      upper: found.norm * nodes[chain.source].best.upper,
      lower: LowerBound(proven: found.norm.value) * nodes[chain.source].best.lower)
  }

  private func expression(of symbol: NormSymbol, _ source: Int) -> BoundExpr {
    if source == 0 { return .norm(symbol) }
    let path = NormSymbol(pathTo: CompositionPlan.name(of: source, model))
    return .product([.norm(symbol), .norm(path)])
  }

  /// For each pair of outputs, the least Σ factors · ‖rᵢ − rⱼ‖ · L(source) of all sums, or the bound of
  /// the chain if that is smaller.
  private mutating func differences(
    _ planned: PlannedNodeNorms
  ) -> (values: [UpperBound], expression: BoundExpr)? {
    var best: (values: [UpperBound], expression: BoundExpr)?
    var least = UpperBound.infinity
    for sum in planned.node.sums {
      guard sum.terms.allSatisfy({ planned.distances[$0.map] != nil }) else { continue }
      differenceOrigins.append(.sum(sum))
      var total: [UpperBound] = []
      for term in sum.terms {
        let scale = term.factors.reduce(nodes[term.source].best.upper) { $0 * $1.upper }
        let part = (planned.distances[term.map] ?? []).map { $0 * scale }
        total = total.isEmpty ? part : zip(total, part).map { $0 + $1 }
      }
      let largest = total.max() ?? .zero
      let isLeast = best == nil || largest < least
      let expression =
        isLeast
        ? bounds.plan.expression(sum, of: model, isDifference: true) : best?.expression
      least = min(least, largest)
      let values = best.map { zip($0.values, total).map { min($0, $1) } } ?? total
      if let expression { best = (values, expression) }
    }
    guard let chain = planned.node.chain, let found = planned.chain else { return best }
    differenceOrigins.append(
      .chain(
        ComposedBounds.ChainBound(
          source: chain.source, norm: found.norm, multipliers: found.multipliers)))
    let values = found.differences.map { $0 * nodes[chain.source].best.upper }
    let symbol = NormSymbol(chain: "\(chain.name), i − j")
    let expression =
      (values.max() ?? .zero) < least
      ? expression(of: symbol, chain.source) : best?.expression
    return (
      best.map { zip($0.values, values).map { min($0, $1) } } ?? values,
      expression ?? self.expression(of: symbol, chain.source)
    )
  }
}
