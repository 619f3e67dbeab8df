extension Graph {
  /// The graph with products of three matrices taken in the order of fewer operations: (A·B)·C = A·(B·C).
  ///
  /// A product B·C that the graph contains costs nothing more. So the derivative of an orthonormalized weight,
  /// which multiplies the weight's gradient ΔᵀX by Wᵀ, takes XWᵀ from the forward pass. Equal in exact arithmetic,
  /// not in floating point: for training steps. Simplify after it. Cost: one sweep.
  public func withShorterProducts() -> Graph {
    var sweep = ProductOrdering()
    let renamed = nodes.reduce(into: [Value]()) { renamed, node in
      let operands = node.operands.map { renamed[$0.index] }
      renamed.append(sweep.appendInOrder(Node(node.operation, operands, node.type)))
    }
    return renaming(renamed, nodes: sweep.nodes)
  }
}

/// A graph under construction that knows its products.
private struct ProductOrdering {
  private(set) var nodes: [Node] = []
  private var products: [Node: Value] = [:]

  /// Appends a node, or what is equal to it with fewer operations.
  mutating func appendInOrder(_ node: Node) -> Value {
    guard case .dot(false, let isTransposed) = node.operation else { return append(node) }
    let (left, isNegated) = withoutNegation(node.operands[0])
    guard case .dot(let transposesA, false) = nodes[left.index].operation else {
      return append(node)
    }
    let (a, b) = (nodes[left.index].operands[0], nodes[left.index].operands[1])
    let right = self.product(b, node.operands[1], isTransposed: isTransposed)
    let (rows, columns) = (node.type.shape[0], node.type.shape[1])
    let (inner, shared) = (nodes[left.index].type.shape[1], right.type.shape[0])
    let isKnown = products[right] != nil
    let now = rows * inner * columns
    let then = rows * shared * columns + (isKnown ? 0 : shared * inner * columns)
    guard then < now else { return append(node) }
    let outer = append(
      Node(
        .dot(transposeLeft: transposesA, transposeRight: false),
        [a, products[right] ?? append(right)],
        node.type))
    return isNegated ? append(Node(.unary(.negate), [outer], node.type)) : outer
  }

  private mutating func append(_ node: Node) -> Value {
    nodes.append(node)
    let value = Value(nodes.count - 1)
    if case .dot = node.operation, products[node] == nil { products[node] = value }
    return value
  }

  private func withoutNegation(_ value: Value) -> (value: Value, isNegated: Bool) {
    let node = nodes[value.index]
    if case .unary(.negate) = node.operation { return (node.operands[0], true) }
    return (value, false)
  }

  /// The node of B·C, or of B·Cᵀ.
  private func product(_ b: Value, _ c: Value, isTransposed: Bool) -> Node {
    let columns = nodes[c.index].type.shape[isTransposed ? 0 : 1]
    return Node(
      .dot(transposeLeft: false, transposeRight: isTransposed), [b, c],
      TensorType([nodes[b.index].type.shape[0], columns]))
  }
}
