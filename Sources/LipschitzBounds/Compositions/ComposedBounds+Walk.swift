import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

/// The walk of ``ComposedBounds`` over the nodes in order.
struct BoundWalk {
  let model: Model
  let bounds: ModelBounds
  let layerNorms: OperatorNorms
  var nodes: [ComposedBounds.Node] = []
  var norms: [NormSymbol: NormBound] = [:]
  var differences: (values: [UpperBound], expression: BoundExpr)?
  var differenceOrigins: [ComposedBounds.Origin] = []

  init(model: Model, bounds: ModelBounds, layerNorms: OperatorNorms) {
    self.model = model
    self.bounds = bounds
    self.layerNorms = layerNorms
    let input = ComposedBounds.Candidate(
      origin: .operands, composition: .product, expression: .one, upper: .one, lower: .one)
    nodes = [ComposedBounds.Node(best: input, candidates: [input])]
  }

  mutating func run(_ anchors: [Int: AnchorNorms]) {
    for index in model.nodes.indices {
      var candidates = [productRule(index)]
      if let anchor = anchors[index + 1] {
        for (map, norm) in anchor.norms {
          norms[NormSymbol(bounds.plan.names[map] ?? "")] = norm
        }
        for snapshot in anchor.anchor.snapshots {
          candidates.append(candidate(snapshot, anchor))
        }
        if let chain = candidate(ofChain: anchor) { candidates.append(chain) }
        if index + 1 == model.output.position { differences = differences(anchor) }
      }
      // At equal values the simpler rule, which comes first.
      let best = candidates.dropFirst().reduce(candidates[0]) { $1.upper < $0.upper ? $1 : $0 }
      nodes.append(ComposedBounds.Node(best: best, candidates: candidates))
    }
  }

  /// One step of the product rule from the best bounds of the operands.
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

  func candidate(
    _ snapshot: CompositionPlan.Snapshot, _ anchor: AnchorNorms
  ) -> ComposedBounds.Candidate {
    var (upper, lower) = (UpperBound.zero, LowerBound.zero)
    for term in snapshot.terms {
      let (norm, source) = (anchor.norms[term.map], nodes[term.source].best)
      upper =
        upper
        + term.factors.reduce((norm?.upper ?? .infinity) * source.upper) { $0 * $1.upper }
      lower =
        lower + term.factors.reduce((norm?.lower ?? .zero) * source.lower) { $0 * $1.lower }
    }
    return ComposedBounds.Candidate(
      origin: .sum(snapshot), composition: snapshot.composition,
      expression: bounds.plan.expression(snapshot, of: model), upper: upper, lower: lower)
  }

  /// The chain of dense layers times the bound of what it is applied to.
  ///
  /// Q is the number that was certified, so its two sides are the same.
  func candidate(ofChain anchor: AnchorNorms) -> ComposedBounds.Candidate? {
    guard let chain = anchor.anchor.chain, let found = anchor.chain else { return nil }
    let bound = ComposedBounds.ChainBound(
      source: chain.source, norm: found.norm, multipliers: found.multipliers)
    return ComposedBounds.Candidate(
      origin: .chain(bound), composition: .eclipse,
      expression: expression(of: NormSymbol(chain: chain.name), chain.source),
      upper: found.norm * nodes[chain.source].best.upper,
      lower: LowerBound(proven: found.norm.value) * nodes[chain.source].best.lower)
  }

  func expression(of symbol: NormSymbol, _ source: Int) -> BoundExpr {
    if source == 0 { return .norm(symbol) }
    let path = NormSymbol(pathTo: CompositionPlan.name(of: source, model))
    return .product([.norm(symbol), .norm(path)])
  }

  /// Σ factors · ‖rᵢ − rⱼ‖ · L(source), the least over the snapshots, for each pair of outputs.
  mutating func differences(
    _ anchor: AnchorNorms
  ) -> (values: [UpperBound], expression: BoundExpr)? {
    var best: (values: [UpperBound], expression: BoundExpr)?
    var least = UpperBound.infinity
    for snapshot in anchor.anchor.snapshots {
      guard snapshot.terms.allSatisfy({ anchor.distances[$0.map] != nil }) else { continue }
      differenceOrigins.append(.sum(snapshot))
      var total: [UpperBound] = []
      for term in snapshot.terms {
        let scale = term.factors.reduce(nodes[term.source].best.upper) { $0 * $1.upper }
        let part = (anchor.distances[term.map] ?? []).map { $0 * scale }
        total = total.isEmpty ? part : zip(total, part).map { $0 + $1 }
      }
      let largest = total.max() ?? .zero
      let isLeast = best == nil || largest < least
      let expression =
        isLeast
        ? bounds.plan.expression(snapshot, of: model, isDifference: true) : best?.expression
      least = min(least, largest)
      let values = best.map { zip($0.values, total).map { min($0, $1) } } ?? total
      if let expression { best = (values, expression) }
    }
    guard let chain = anchor.anchor.chain, let found = anchor.chain else { return best }
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
