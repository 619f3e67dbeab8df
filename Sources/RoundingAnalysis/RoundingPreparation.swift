import TensorGraph

/// The part of the analysis that does not depend on the sample, and the order in which the other nodes are
/// evaluated.
struct RoundingPreparation {
  private(set) var shared: [Int: BallEnclosure] = [:]
  private(set) var sums: [Int: SumRounding] = [:]
  private(set) var selections: [Int: UndecidedSelection] = [:]
  private let graph: Graph
  private let fed: String
  private var varying: [Int] = []

  init(_ graph: Graph, fed: String) {
    self.graph = graph
    self.fed = fed
  }

  /// Adds the next node, whose operands have been added before.
  mutating func add(_ index: Int, _ weights: (String) -> [Float]) {
    let node = graph.nodes[index]
    if case .input(let name) = node.operation {
      guard name != fed else { return varying.append(index) }
      let exact = IntervalTensor(node.type, lanes: 1, exactly: weights(name).map { Double($0) })
      shared[index] = BallEnclosure(constant: RoundedTensor(stored: exact))
      return
    }
    if case .select = node.operation {
      selections[index] = UndecidedSelection(graph, select: index)
    }
    let varyingOperands = node.operands.indices.filter { shared[node.operands[$0].index] == nil }
    if node.operation.isSum { sums[index] = sum(node, varying: varyingOperands) }
    guard varyingOperands.isEmpty else { return varying.append(index) }
    shared[index] = BallEnclosure(constant: constant(index))
  }

  private func sum(_ node: Node, varying operands: [Int]) -> SumRounding {
    precondition(operands.count <= 1, "only one operand may depend on the sample")
    let position = operands.first ?? 0
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
    let undecided = selections[index]?.evaluate(graph, node.operands[1...]) {
      shared[$0.index]!.rounded
    }
    return RoundingRule.result(node, operands.map(\.rounded), exact: exact, undecided: undecided)
  }

  /// The nodes that depend on the sample, each with the values that no later node reads.
  ///
  /// - Parameter operands: values that nodes read in addition to their own operands.
  func schedule(
    keeping output: Value, operands: [Int: [Value]]
  ) -> [(index: Int, lastReads: [Int])] {
    var last: [Int: Int] = [:]
    for index in varying {
      last[index] = index
      let others = operands[index] ?? []
      for read in reads(index).union(others.map(\.index)) { last[read] = index }
    }
    last[output.index] = nil
    let lastReads = Dictionary(grouping: last.filter { shared[$0.key] == nil }, by: \.value)
    return varying.map { index in (index, (lastReads[index] ?? []).map(\.key)) }
  }

  private func reads(_ index: Int) -> Set<Int> {
    Set(graph.nodes[index].operands.map(\.index))
      .union(selections[index].map { $0.reads(in: graph) } ?? [])
  }
}

extension Graph {
  /// The nodes of some values and all nodes that they depend on, in order.
  func indices(behind values: [Value]) -> [Int] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for value in values { isNeeded[value.index] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for operand in nodes[index].operands { isNeeded[operand.index] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }
  }
}
