import TensorGraph

/// The part of a graph that decides how far a selection is off when its mask is wrong.
///
/// The executed mask of `select(p > q, a, b)` can differ from the exact one only for inputs at which p and q
/// are within their errors of each other. For those inputs a and b, which are functions of p and q, usually
/// agree: both branches of a leaky rectifier are near 0. So a and b are evaluated again for those inputs
/// only.
struct UndecidedSelection: Sendable {
  /// The operands of the comparison.
  let operands: [Value]
  /// The mask.
  let mask: Value
  /// The nodes between the comparison's operands and a, in order, and those between the operands and b.
  let branches: [[Int]]

  /// Nil if the mask is not a comparison.
  init?(_ graph: Graph, select index: Int) {
    let node = graph.nodes[index]
    guard case .select = node.operation, case .compare = graph[node.operands[0]].operation else {
      return nil
    }
    mask = node.operands[0]
    operands = graph[mask].operands
    var affected = Set((operands + [mask]).map(\.index))
    let ends = affected
    for (position, node) in graph.nodes[..<index].enumerated()
    where node.operation.isElementwise && !ends.contains(position) {
      if node.operands.contains(where: { affected.contains($0.index) }) {
        affected.insert(position)
      }
    }
    branches = node.operands[1...].map { root in
      var needed: Set<Int> = [root.index]
      for position in stride(from: root.index, through: 0, by: -1)
      where needed.contains(position) && affected.contains(position) && !ends.contains(position) {
        needed.formUnion(graph.nodes[position].operands.map(\.index))
      }
      return needed.filter { affected.contains($0) && !ends.contains($0) }.sorted()
    }
  }

  /// The nodes that the evaluation reads.
  func reads(in graph: Graph) -> Set<Int> {
    Set(
      operands.map(\.index)
        + branches.joined().flatMap { graph.nodes[$0].operands.map(\.index) })
  }

  /// The selection's last two operands over the inputs for which the masks may differ.
  ///
  /// - Parameters:
  ///   - roots: the last two operands.
  ///   - value: the bounds of a node.
  func evaluate(
    _ graph: Graph, _ roots: ArraySlice<Value>, _ format: ExecutedFormat,
    _ value: (Value) -> RoundedTensor
  ) -> (a: RoundedTensor, b: RoundedTensor) {
    let (p, q) = (value(operands[0]), value(operands[1]))
    var near = [operands[0].index: p.clipped(to: q)]
    near[operands[1].index] = q.clipped(to: p)
    // A branch matters only where the exact or the executed mask chooses it.
    let results = zip(roots, zip(branches, [1.0, 0.0])).map { root, branch in
      var known = near
      let type = near[operands[0].index]?.exact.type ?? graph[mask].type
      known[mask.index] = RoundedTensor(
        stored: IntervalTensor(
          type, lanes: 1, exactly: Array(repeating: branch.1, count: type.count)), format)
      for position in branch.0 {
        let node = graph.nodes[position]
        let operands = node.operands.map { known[$0.index] ?? value($0) }
        let exact = EnclosingEvaluator.evaluate(node, operands.map(\.exact))
        known[position] = RoundingRule.result(node, operands, exact: exact, format)
      }
      return known[root.index] ?? value(root)
    }
    return (results[0], results[1])
  }
}
