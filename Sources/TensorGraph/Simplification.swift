/// Passes from graph to graph that keep every output: constants folded, identities applied, equal
/// nodes shared, unused ones dropped.
extension Graph {
  /// The graph after all passes, to a fixed point; every input and output stays.
  ///
  /// Only rewrites that hold exactly in floating-point arithmetic are made, up to the sign of zero
  /// and the order in which a matrix product or the sum of a constant is added up; NaN and ∞ are
  /// kept. `stopGradient` vanishes: differentiate first. Cost: a few near-linear sweeps.
  public func simplified() -> Graph {
    var graph = withoutUnusedNodes()
    while true {
      let (next, rewrites) = graph.rewritten()
      if rewrites == 0 { return graph }
      graph = next.withoutUnusedNodes()
      assert(graph.verify().isEmpty, "simplified to a broken graph: \(graph.verify())")
    }
  }

  /// One sweep in order of the nodes: folds constants, applies identities, shares equal nodes.
  ///
  /// Every rewrite removes a node or brings one into its canonical form, so the sweeps terminate.
  private func rewritten() -> (graph: Graph, rewrites: Int) {
    var sweep = SimplificationSweep(capacity: nodes.count)
    var renamed: [Value] = []
    renamed.reserveCapacity(nodes.count)
    for node in nodes {
      let operands = node.operands.map { renamed[$0.index] }
      renamed.append(sweep.simplified(Node(node.operation, operands, node.type)))
    }
    return (renaming(renamed, nodes: sweep.nodes), sweep.rewrites)
  }

  /// The same graph without nodes that no output needs; inputs stay.
  public func withoutUnusedNodes() -> Graph {
    var isUsed = [Bool](repeating: false, count: nodes.count)
    for output in outputs { isUsed[output.value.index] = true }
    for input in inputs { isUsed[input.value.index] = true }
    for index in nodes.indices.reversed() where isUsed[index] {
      for operand in nodes[index].operands { isUsed[operand.index] = true }
    }
    if !isUsed.contains(false) { return self }
    var renamed = [Value](repeating: Value(0), count: nodes.count)
    var kept: [Node] = []
    kept.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() where isUsed[index] {
      renamed[index] = Value(kept.count)
      kept.append(Node(node.operation, node.operands.map { renamed[$0.index] }, node.type))
    }
    return renaming(renamed, nodes: kept)
  }

  /// The graph with other nodes, each old value replaced by a new one.
  func renaming(_ renamed: [Value], nodes: [Node]) -> Graph {
    Graph(
      name: name, nodes: nodes,
      inputs: inputs.map {
        .init(
          name: $0.name, value: renamed[$0.value.index], isPersistent: $0.isPersistent,
          place: $0.place)
      },
      outputs: outputs.map { .init(name: $0.name, value: renamed[$0.value.index]) })
  }
}

/// A graph under construction in which no two nodes are equal and no identity applies.
struct SimplificationSweep {
  private(set) var nodes: [Node] = []
  /// How many nodes were changed.
  private(set) var rewrites = 0
  private var places: [Node: Value] = [:]

  init(capacity: Int) {
    nodes.reserveCapacity(capacity)
    places.reserveCapacity(capacity)
  }

  subscript(value: Value) -> Node { nodes[value.index] }

  /// The value of a node, simplified: an earlier value, or the node appended.
  mutating func simplified(_ node: Node) -> Value {
    if let value = identity(node) {
      rewrites += 1
      return value
    }
    guard let constant = folded(node) else { return shared(node) }
    rewrites += 1
    return shared(constant)
  }

  /// The place of an equal node, or a new one.
  private mutating func shared(_ node: Node) -> Value {
    if let value = places[node] {
      rewrites += 1
      return value
    }
    nodes.append(node)
    let value = Value(nodes.count - 1)
    places[node] = value
    return value
  }
}
