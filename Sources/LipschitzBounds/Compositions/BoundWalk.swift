import BoundAlgebra
import Enclosure
import ModelIR

/// Bounds the nodes of a network in order, and then the differences of its outputs.
struct BoundWalk {
  private let model: Model
  private let bounds: ModelBounds
  private let layerNorms: OperatorNorms
  private var positions: [String: Int] = [:]
  private(set) var nodes: [ComposedBounds.Node]
  private(set) var norms: [NormSymbol: NormBound] = [:]
  private(set) var pairNorms: [NormSymbol: [UpperBound]] = [:]
  private(set) var differenceOrigins: [ComposedBounds.Origin] = []

  init(model: Model, bounds: ModelBounds, layerNorms: OperatorNorms) {
    self.model = model
    self.bounds = bounds
    self.layerNorms = layerNorms
    let input = ComposedBounds.Candidate(
      origin: .operands, composition: .product, expression: .one, upper: .one, lower: .one)
    nodes = [ComposedBounds.Node(best: input, candidates: [input])]
  }

  mutating func run(_ planned: [Int: PlannedNodeNorms]) {
    for index in model.nodes.indices {
      let norms = planned[index + 1]
      if let norms { keep(norms) }
      let candidates = bounds.candidates(at: index, norms?.node, of: model).compactMap {
        candidate($0, norms)
      }
      // Of equal values the first is taken, which comes from the simpler rule.
      let best = candidates.dropFirst().reduce(candidates[0]) { $1.upper < $0.upper ? $1 : $0 }
      positions[model.nodes[index].name] = nodes.count
      nodes.append(ComposedBounds.Node(best: best, candidates: candidates))
    }
  }

  private mutating func keep(_ planned: PlannedNodeNorms) {
    for (map, norm) in planned.norms { norms[NormSymbol(bounds.plan.name(of: map))] = norm }
    if let chain = planned.node.chain, let found = planned.chain {
      // The constant is the number that was certified, so both sides use the same.
      norms[NormSymbol(.chain, chain.name)] = NormBound(
        upper: found.norm, lower: LowerBound(proven: found.norm.value),
        method: "quadratic constraints", reason: "\(chain.layers.count) dense layers as a whole")
    }
    for found in planned.regions {
      norms[NormSymbol(.multipliers, found.region.name)] = NormBound(
        upper: found.norm, lower: LowerBound(proven: found.norm.value), method: "multipliers",
        reason: found.region.summary)
    }
  }

  /// Nil for a chain that could not be certified.
  private func candidate(
    _ bound: ModelBounds.SymbolicBound, _ planned: PlannedNodeNorms?
  ) -> ComposedBounds.Candidate? {
    guard let origin = origin(bound.rule, planned) else { return nil }
    return ComposedBounds.Candidate(
      origin: origin, composition: bound.composition, expression: bound.expression,
      upper: bound.expression.evaluate(upper), lower: bound.expression.evaluateLower(lower))
  }

  private func origin(
    _ rule: ModelBounds.Rule, _ planned: PlannedNodeNorms?
  ) -> ComposedBounds.Origin? {
    switch rule {
    case .operands: return .operands
    case .sum(let sum): return .sum(sum)
    case .chain(let chain):
      return planned?.chain.map {
        .chain(.init(source: chain.source, norm: $0.norm, multipliers: $0.multipliers))
      }
    case .multipliers(let region):
      return planned?.regions.first { $0.region.name == region.name }.map { .multipliers($0) }
    }
  }

  private func upper(_ symbol: NormSymbol) -> UpperBound {
    switch symbol.quantity {
    case .norm, .chain, .multipliers: norm(symbol)?.upper ?? .infinity
    case .path: best(symbol)?.upper ?? .infinity
    case .network: nodes[model.output.position].best.upper
    case .layer, .rowDistance, .headDistance, .chainDifference, .multiplierDifference: .infinity
    }
  }

  private func lower(_ symbol: NormSymbol) -> LowerBound {
    switch symbol.quantity {
    case .norm, .chain, .multipliers: norm(symbol)?.lower ?? .zero
    case .path: best(symbol)?.lower ?? .zero
    case .network: nodes[model.output.position].best.lower
    case .layer, .rowDistance, .headDistance, .chainDifference, .multiplierDifference: .zero
    }
  }

  private func norm(_ symbol: NormSymbol) -> NormBound? {
    layerNorms.bounds[symbol] ?? norms[symbol]
  }

  private func best(_ symbol: NormSymbol) -> ComposedBounds.Candidate? {
    positions[symbol.name].map { nodes[$0].best }
  }
}

extension BoundWalk {
  /// The bounds of differences of two outputs, after ``run(_:)``; √2 times the network's comes last.
  mutating func differences(
    _ planned: PlannedNodeNorms?, _ weights: (String) -> [Float]
  ) -> [PairwiseHead.Candidate] {
    if let planned { keepPairs(planned) }
    if let head = bounds.head {
      pairNorms[NormSymbol(.headDistance, model.nodes[head.node].name)] = PairwiseHead.distances(
        weights(head.weight), count: head.outputs)
    }
    let found = bounds.differenceCandidates(planned?.node, of: model).filter { bound in
      bound.expression.symbols.allSatisfy { !$0.quantity.isOfPair || pairNorms[$0] != nil }
    }
    differenceOrigins = found.compactMap { bound in
      if case .operands = bound.rule { return nil }
      return origin(bound.rule, planned)
    }
    return found.map { bound in
      PairwiseHead.Candidate(
        expression: bound.expression,
        values: bound.expression.evaluateEach { pairNorms[$0] ?? [upper($0)] })
    }
  }

  private mutating func keepPairs(_ planned: PlannedNodeNorms) {
    for (map, distances) in planned.distances {
      pairNorms[NormSymbol(.rowDistance, bounds.plan.name(of: map))] = distances
    }
    if let chain = planned.node.chain, let found = planned.chain {
      pairNorms[NormSymbol(.chainDifference, chain.name)] = found.differences
    }
    for found in planned.regions where !found.pairs.isEmpty {
      pairNorms[NormSymbol(.multiplierDifference, found.region.name)] = found.differences
    }
  }
}
