import TensorGraph

/// What of a graph does not depend on the sample, and the order in which the rest is evaluated.
struct RoundingPreparation {
  private(set) var shared: [Int: BallTensor] = [:]
  private(set) var sums: [Int: SumRounding] = [:]
  private(set) var regions: [Int: FlipRegion] = [:]
  private let graph: Graph
  private let fed: String
  private var varying: [Int] = []

  init(_ graph: Graph, fed: String) {
    self.graph = graph
    self.fed = fed
  }

  /// Adds the next node; its operands are there already.
  mutating func add(_ index: Int, _ weights: (String) -> [Float]) {
    let node = graph.nodes[index]
    if case .input(let name) = node.operation {
      guard name != fed else { return varying.append(index) }
      let exact = LaneTensor(node.type, lanes: 1, exactly: weights(name).map { Double($0) })
      shared[index] = BallTensor(constant: RoundedTensor(stored: exact))
      return
    }
    if case .select = node.operation { regions[index] = FlipRegion(graph, select: index) }
    let moving = node.operands.indices.filter { shared[node.operands[$0].index] == nil }
    if node.operation.isSum { sums[index] = sum(node, varying: moving) }
    guard moving.isEmpty else { return varying.append(index) }
    shared[index] = BallTensor(constant: constant(index))
  }

  private func sum(_ node: Node, varying moving: [Int]) -> SumRounding {
    precondition(moving.count <= 1, "both operands vary with the sample")
    let position = moving.first ?? 0
    let other = node.operands.indices.first { $0 != position }
    return SumRounding(
      node, varying: position, types: node.operands.map { graph[$0].type },
      other: other.flatMap { shared[node.operands[$0].index]?.rounded })
  }

  private func constant(_ index: Int) -> RoundedTensor {
    let node = graph.nodes[index]
    let operands = node.operands.map { shared[$0.index]! }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.center))
    if let sum = sums[index] {
      return RoundedTensor(
        exact, error: sum.errors(operands[0], center: exact, result: exact),
        least: RoundingRule.least(node, operands.map(\.rounded)))
    }
    let flipped = regions[index]?.evaluate(graph, node.operands[1...]) { shared[$0.index]!.rounded }
    return RoundingRule.result(node, operands.map(\.rounded), exact: exact, flipped: flipped)
  }

  /// The varying nodes, each with the values that no later one reads.
  ///
  /// - Parameter operands: what nodes read besides their own operands.
  func schedule(
    keeping output: Value, operands: [Int: [Value]]
  ) -> [(index: Int, dying: [Int])] {
    var last: [Int: Int] = [:]
    for index in varying {
      last[index] = index
      let others = operands[index] ?? []
      for read in reads(index).union(others.map(\.index)) { last[read] = index }
    }
    last[output.index] = nil
    let dying = Dictionary(grouping: last.filter { shared[$0.key] == nil }, by: \.value)
    return varying.map { index in (index, (dying[index] ?? []).map(\.key)) }
  }

  private func reads(_ index: Int) -> Set<Int> {
    Set(graph.nodes[index].operands.map(\.index))
      .union(regions[index].map { $0.reads(in: graph) } ?? [])
  }
}

extension Graph {
  /// The nodes that some values depend on, and themselves, in order.
  func indices(behind values: [Value]) -> [Int] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for value in values { isNeeded[value.index] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for operand in nodes[index].operands { isNeeded[operand.index] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }
  }
}
