import BoundAlgebra
import LipschitzBounds
import ModelIR
import TensorGraph

/// The walk of ``BoundEstimate`` backwards from what is asked for.
struct EstimateWalk {
  /// A region of more terms would cost more power iterations than it gains.
  private static let mostTerms = 2

  private let model: Model
  private let bounds: ModelBounds
  private let train: TrainSpec
  private let operands: [String: Value]
  private let counter: Value
  private let seed: UInt64
  private let operators: [NormSymbol: LinearOperator]
  private let snapshots: [Int: [CompositionPlan.Snapshot]]
  private var found: [Model.Node.Operand: Value] = [:]
  private(set) var norms: [NormSymbol: Value] = [:]
  private(set) var vectors: [String] = []
  private(set) var builder: GraphBuilder

  init(
    _ model: Model, _ bounds: ModelBounds, _ train: TrainSpec, operands: [String: Value],
    counter: Value, seed: UInt64, _ builder: GraphBuilder
  ) {
    self.model = model
    self.bounds = bounds
    self.train = train
    self.operands = operands
    self.counter = counter
    self.seed = seed
    self.builder = builder
    operators = Dictionary(
      uniqueKeysWithValues: bounds.operators.map { (NormSymbol($0.name), $0) })
    snapshots = Dictionary(
      uniqueKeysWithValues: bounds.plan.anchors.map { anchor in
        (anchor.position, Self.chosen(anchor.snapshots, train.composition))
      })
  }

  /// The sums whose least is the estimate; none where the product rule is.
  private static func chosen(
    _ snapshots: [CompositionPlan.Snapshot], _ composition: TrainedComposition
  ) -> [CompositionPlan.Snapshot] {
    let region = snapshots.last { $0.composition == .regions && $0.terms.count <= mostTerms }
    let split = snapshots.last { $0.composition == .liplt }
    return switch composition {
    case .product: []
    case .regions: region.map { [$0] } ?? []
    case .liplt: [region, split].compactMap(\.self)
    }
  }

  /// The estimate for a node; earlier ones are made first, so that depth is no limit.
  mutating func bound(of operand: Model.Node.Operand) -> Value {
    if let value = found[operand] { return value }
    guard case .node(let last) = operand else { return builder.splat(1) }
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
    let chosen = snapshots[index + 1] ?? []
    var positions = chosen.flatMap { $0.terms.map(\.source) }
    if usesProduct(index, chosen) { positions += model.nodes[index].operands.map(\.position) }
    return positions.filter { $0 > 0 }.map { $0 - 1 }
  }

  /// Where only split activations are to be had, the product rule stands beside them.
  private func usesProduct(_ index: Int, _ chosen: [CompositionPlan.Snapshot]) -> Bool {
    !chosen.contains { $0.composition == .regions }
  }

  private mutating func estimate(_ index: Int) -> Value {
    let chosen = snapshots[index + 1] ?? []
    var values = chosen.map { sum($0) }
    if usesProduct(index, chosen) { values.append(product(index)) }
    var least = values[0]
    for value in values.dropFirst() { least = builder.minimum(least, value) }
    return least
  }

  private mutating func sum(_ snapshot: CompositionPlan.Snapshot) -> Value {
    var total: Value?
    for term in snapshot.terms {
      var value = norm(of: term.map)
      if term.source > 0 {
        let source = bound(of: .node(term.source - 1))
        value = builder.multiply(value, source)
      }
      let factor = term.factors.reduce(1) { $0 * $1.estimate }
      if factor != 1 { value = builder.scale(value, by: factor) }
      total = total.map { builder.add($0, value) } ?? value
    }
    return total ?? builder.splat(0)
  }

  private mutating func product(_ index: Int) -> Value {
    let node = model.nodes[index]
    let inputs = node.operands.map { bound(of: $0) }
    // The input's own bound is the number 1, no node.
    let names = node.operands.indices.map { NormSymbol(pathTo: "\($0)") }
    let paths = Dictionary(uniqueKeysWithValues: zip(names, inputs))
    let symbols = names.map { BoundExpr.norm($0) }
    let expression: BoundExpr =
      switch bounds.layers[index] {
      case .addition: .sum(symbols)
      case .concatenation: .rootSumSquares(symbols)
      case .linear, .elementwise, .constant, .unbounded:
        .product(bounds.own[index] == .one ? symbols : [bounds.own[index]] + symbols)
      }
    for symbol in expression.symbols {
      if let linear = operators[symbol] { _ = norm(of: linear) }
    }
    let known = norms.merging(paths) { first, _ in first }
    return expression.lower(into: &builder) { symbol in
      guard let value = known[symbol] else {
        preconditionFailure("the bound names an unknown operator '\(symbol.name)'")
      }
      return value
    }
  }

  /// The norm of a layer's operator.
  mutating func norm(of linear: LinearOperator) -> Value {
    let symbol = NormSymbol(linear.name)
    if let value = norms[symbol] { return value }
    let value: Value
    if let norm = linear.closedNorm {
      value = builder.splat(norm.estimate)
    } else if case .diagonal(let factors, _) = linear.form {
      let operands = operands
      let row = factors.row(into: &builder) { linear.operand($0, in: operands) }
      let sizes = builder.unary(.abs, row)
      value = builder.maximum(of: sizes)
    } else {
      value = iterated(IteratedOperator(linear))
    }
    norms[symbol] = value
    return value
  }

  private mutating func norm(of map: LinearMaps.ID) -> Value {
    let maps = bounds.plan.maps
    switch maps[map] {
    case .identity: return builder.splat(1)
    case .layer(let linear): return norm(of: linear)
    case .composition, .sum, .scaled: break
    }
    let name = bounds.plan.names[map] ?? maps.text(map)
    if let value = norms[NormSymbol(name)] { return value }
    let value = iterated(IteratedOperator(name, maps, map))
    norms[NormSymbol(name)] = value
    return value
  }

  private mutating func iterated(_ operation: IteratedOperator) -> Value {
    let power = PowerIteration(
      operation, operands: operands, steps: train.powerIterations, counter: counter, seed: seed,
      into: &builder)
    vectors.append(PowerIteration.inputName(operation.name))
    return power.norm
  }
}
