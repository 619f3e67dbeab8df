import BoundAlgebra
import LipschitzBounds
import ModelIR
import TensorGraph

/// Estimates the nodes that a ``BoundEstimate`` depends on, each once.
struct EstimateWalk {
  /// A region of more terms would cost more power iterations than it gains.
  private static let mostTerms = 2

  private let model: Model
  private let bounds: ModelBounds
  private let train: TrainSpec
  private let operands: [String: Tensor]
  private let counter: Tensor
  private let seed: UInt64
  private let operators: [NormSymbol: LinearOperator]
  private let sums: [Int: [CompositionPlan.Sum]]
  private let chains: [Int: DenseChain]
  private var estimated: [Int: ChainEstimate] = [:]
  private var found: [Model.Node.Operand: Tensor] = [:]
  private(set) var norms: [NormSymbol: Tensor] = [:]
  private(set) var vectors: [String] = []
  private var builder: GraphBuilder { counter.builder }

  init(
    _ model: Model, _ bounds: ModelBounds, _ train: TrainSpec, operands: [String: Tensor],
    counter: Tensor, seed: UInt64
  ) {
    self.model = model
    self.bounds = bounds
    self.train = train
    self.operands = operands
    self.counter = counter
    self.seed = seed
    operators = Dictionary(
      uniqueKeysWithValues: bounds.operators.map { (NormSymbol($0.name), $0) })
    sums = Dictionary(
      uniqueKeysWithValues: bounds.plan.nodes.map { node in
        (node.position, Self.chosen(node.sums, train.composition))
      })
    let chained = train.composition == .eclipse ? bounds.plan.nodes : []
    chains = Dictionary(
      uniqueKeysWithValues: chained.compactMap { node in node.chain.map { (node.position, $0) } })
  }

  /// The sums whose minimum is the estimate; none for the product rule.
  private static func chosen(
    _ sums: [CompositionPlan.Sum], _ composition: TrainedComposition
  ) -> [CompositionPlan.Sum] {
    let region = sums.last { $0.composition == .regions && $0.terms.count <= mostTerms }
    let split = sums.last { $0.composition == .liplt }
    return switch composition {
    case .product: []
    case .regions, .eclipse: region.map { [$0] } ?? []
    case .liplt: [region, split].compactMap(\.self)
    }
  }

  /// The estimate for a node; earlier ones are made first, so that depth is no limit.
  mutating func bound(of operand: Model.Node.Operand) -> Tensor {
    if let value = found[operand] { return value }
    guard case .node(let last) = operand else { return builder.constant(1) }
    for index in needed(for: last) where found[.node(index)] == nil {
      found[.node(index)] = estimate(index)
    }
    guard let value = found[operand] else { preconditionFailure("a node needs itself") }
    return value
  }

  private func needed(for last: Int) -> [Int] {
    var seen: Set<Int> = [last]
    var pending = [last]
    while let index = pending.popLast() {
      for source in sources(of: index) where seen.insert(source).inserted {
        pending.append(source)
      }
    }
    return seen.sorted()
  }

  private func sources(of index: Int) -> [Int] {
    if let chain = chains[index + 1] { return chain.source > 0 ? [chain.source - 1] : [] }
    let chosen = sums[index + 1] ?? []
    var positions = chosen.flatMap { $0.terms.map(\.source) }
    if usesProduct(index, chosen) { positions += model.nodes[index].operands.map(\.position) }
    return positions.filter { $0 > 0 }.map { $0 - 1 }
  }

  /// Whether the product rule is a further candidate, as it is next to sums of split activations alone.
  private func usesProduct(_ index: Int, _ chosen: [CompositionPlan.Sum]) -> Bool {
    !chosen.contains { $0.composition == .regions }
  }

  private mutating func estimate(_ index: Int) -> Tensor {
    if let chain = chains[index + 1] { return estimate(chain, endingAt: index) }
    let chosen = sums[index + 1] ?? []
    var values = chosen.map { sum($0) }
    if usesProduct(index, chosen) { values.append(product(index)) }
    return values.dropFirst().reduce(values[0], min)
  }

  private mutating func estimate(_ chain: DenseChain, endingAt index: Int) -> Tensor {
    let estimate = ChainEstimate(
      chain, operands: operands, steps: train.powerIterations, counter: counter, seed: seed)
    estimated[index] = estimate
    vectors += estimate.vectors
    return chain.source > 0 ? estimate.norm * bound(of: .node(chain.source - 1)) : estimate.norm
  }

  /// A matrix [K, D] and a factor, which times the distance of two of its rows estimates the constant of the
  /// difference of two logits; nil if the network does not end in a dense layer.
  mutating func head() -> (bound: Tensor, rows: Tensor)? {
    guard let last = bounds.head, let weight = operands[last.weight],
      let operand = model.nodes[last.node].operands.first
    else { return nil }
    if let chain = chains[last.node + 1] {
      _ = bound(of: model.output)
      guard let rows = estimated[last.node]?.rows else { return nil }
      return (chain.source > 0 ? bound(of: .node(chain.source - 1)) : builder.constant(1), rows)
    }
    return (bound(of: operand), weight)
  }

  private mutating func sum(_ sum: CompositionPlan.Sum) -> Tensor {
    var total: Tensor?
    for term in sum.terms {
      var value = norm(of: term.map)
      if term.source > 0 { value *= bound(of: .node(term.source - 1)) }
      let factor = term.factors.reduce(1) { $0 * $1.estimate }
      if factor != 1 { value *= factor }
      total = total.map { $0 + value } ?? value
    }
    return total ?? builder.constant(0)
  }

  private mutating func product(_ index: Int) -> Tensor {
    let node = model.nodes[index]
    let inputs = node.operands.map { bound(of: $0) }
    // The bound of the network's input is the number 1, not a node's.
    let names = node.operands.indices.map { NormSymbol(pathTo: "\($0)") }
    let paths = Dictionary(uniqueKeysWithValues: zip(names, inputs))
    let symbols = names.map { BoundExpr.norm($0) }
    let expression: BoundExpr =
      switch bounds.layers[index] {
      case .addition: .sum(symbols)
      case .concatenation: .rootSumSquares(symbols)
      case .linear, .elementwise, .constant, .comparisons, .unbounded:
        .product(bounds.own[index] == .one ? symbols : [bounds.own[index]] + symbols)
      }
    for symbol in expression.symbols {
      if let linear = operators[symbol] { _ = norm(of: linear) }
    }
    let known = norms.merging(paths) { first, _ in first }
    return expression.lower(into: builder) { symbol in
      guard let value = known[symbol] else {
        preconditionFailure("the bound names an unknown operator '\(symbol.name)'")
      }
      return value
    }
  }

  /// The norm of a layer's operator.
  mutating func norm(of linear: LinearOperator) -> Tensor {
    let symbol = NormSymbol(linear.name)
    if let value = norms[symbol] { return value }
    let value: Tensor
    if let norm = linear.closedNorm {
      value = builder.constant(norm.estimate)
    } else if let constraint = linear.constraint {
      value = builder.constant(constraint.constant.estimate)
    } else if case .diagonal(let factors, _) = linear.form {
      value = abs(factors.row(in: builder) { linear.operand($0, in: operands) }).maximum()
    } else {
      value = iterated(IteratedOperator(linear))
    }
    norms[symbol] = value
    return value
  }

  private mutating func norm(of map: LinearMaps.ID) -> Tensor {
    let maps = bounds.plan.maps
    switch maps[map] {
    case .identity: return builder.constant(1)
    case .layer(let linear): return norm(of: linear)
    case .composition(let outer, let inner) where maps.isConstrained(map):
      return norm(of: outer) * norm(of: inner)
    case .composition, .sum, .scaled: break
    }
    let name = bounds.plan.name(of: map)
    if let value = norms[NormSymbol(name)] { return value }
    let value = iterated(IteratedOperator(name, maps, map))
    norms[NormSymbol(name)] = value
    return value
  }

  private mutating func iterated(_ operation: IteratedOperator) -> Tensor {
    let power = PowerIteration(
      operation, operands: operands, steps: train.powerIterations, counter: counter, seed: seed)
    vectors.append(PowerIteration.inputName(operation.name))
    return power.norm
  }
}

extension LinearMaps {
  /// Whether the map is composed of maps alone whose norms are known before training.
  fileprivate func isConstrained(_ map: ID) -> Bool {
    switch self[map] {
    case .identity: true
    case .layer(let linear): linear.closedNorm != nil || linear.constraint != nil
    case .composition(let outer, let inner): isConstrained(outer) && isConstrained(inner)
    case .sum, .scaled: false
    }
  }
}
