extension Graph {
  /// The graph with products of three matrices taken in the order of fewer operations: (A·B)·C = A·(B·C), and
  /// (A·B)ᵀ·C = Bᵀ·(Aᵀ·C).
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
    guard let chain = chain(of: node) else { return append(node) }
    let (rows, columns) = (node.type.shape[0], node.type.shape[1])
    let shared = chain.right.type.shape[0]
    let known = products[chain.right]
    let now = rows * chain.inner * columns
    let then = rows * shared * columns + (known == nil ? shared * chain.inner * columns : 0)
    guard then < now else { return append(node) }
    let outer = append(
      Node(
        .dot(transposeLeft: chain.transposesFactor, transposeRight: false),
        [chain.factor, known ?? append(chain.right)], node.type))
    return chain.isNegated ? append(Node(.unary(.negate), [outer], node.type)) : outer
  }

  /// A product of three matrices, the last two of them first.
  private struct Chain {
    let factor: Value
    let transposesFactor: Bool
    /// The product that takes the place of the first one.
    let right: Node
    /// The extent over which the given order sums last.
    let inner: Int
    let isNegated: Bool
  }

  /// (A·B)·C as A·(B·C), or (A·B)ᵀ·C as Bᵀ·(Aᵀ·C), where A and C may be transposed; nil for other nodes.
  private func chain(of node: Node) -> Chain? {
    guard case .dot(let isTransposed, let transposesC) = node.operation else { return nil }
    let (left, isNegated) = withoutNegation(node.operands[0])
    guard case .dot(let transposesA, false) = nodes[left.index].operation else { return nil }
    let (a, b, c) = (
      nodes[left.index].operands[0], nodes[left.index].operands[1], node.operands[1]
    )
    return isTransposed
      ? Chain(
        factor: b, transposesFactor: true,
        right: product(a, isTransposed: !transposesA, c, isTransposed: transposesC),
        inner: nodes[left.index].type.shape[0], isNegated: isNegated)
      : Chain(
        factor: a, transposesFactor: transposesA,
        right: product(b, isTransposed: false, c, isTransposed: transposesC),
        inner: nodes[left.index].type.shape[1], isNegated: isNegated)
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

  /// The node of a product of two matrices.
  private func product(
    _ left: Value, isTransposed transposesLeft: Bool, _ right: Value,
    isTransposed transposesRight: Bool
  ) -> Node {
    let rows = nodes[left.index].type.shape[transposesLeft ? 1 : 0]
    let columns = nodes[right.index].type.shape[transposesRight ? 0 : 1]
    return Node(
      .dot(transposeLeft: transposesLeft, transposeRight: transposesRight), [left, right],
      TensorType([rows, columns]))
  }
}
