extension Graph {
  /// The graph with factors moved out of sums: Σ −x = −Σ x, Σ c·x = c·Σ x for c that is constant along the summed
  /// axes, Σ (x + x) = 2 Σ x.
  ///
  /// Of the derivatives of a normalization, for example, only two sums over all elements remain. Equal in exact
  /// arithmetic, not in floating point, where ∞ and NaN may also arise or vanish: for training steps. Simplify
  /// before and after it. Cost: one sweep.
  public func withFactoredSums() -> Graph {
    var sweep = SumFactoring()
    let renamed = nodes.reduce(into: [Value]()) { renamed, node in
      let operands = node.operands.map { renamed[$0.index] }
      if case .reduce(.sum, let axes) = node.operation {
        renamed.append(sweep.sum(operands[0], axes, node.type))
      } else {
        renamed.append(sweep.append(Node(node.operation, operands, node.type)))
      }
    }
    return renaming(renamed, nodes: sweep.nodes)
  }
}

/// A graph under construction.
private struct SumFactoring {
  private(set) var nodes: [Node] = []

  mutating func append(_ node: Node) -> Value {
    nodes.append(node)
    return Value(nodes.count - 1)
  }

  /// The sum of a value over some axes.
  mutating func sum(_ x: Value, _ axes: [Int], _ type: TensorType) -> Value {
    let node = nodes[x.index]
    switch node.operation {
    case .unary(.negate):
      return append(Node(.unary(.negate), [sum(node.operands[0], axes, type)], type))
    case .binary(.add) where node.operands[0] == node.operands[1]:
      let two = append(Node(.splat(2), [], type))
      return append(Node(.binary(.multiply), [sum(node.operands[0], axes, type), two], type))
    case .binary(.multiply):
      for (factor, rest) in [
        (node.operands[1], node.operands[0]), (node.operands[0], node.operands[1]),
      ] {
        guard let outside = constant(factor, along: axes, type) else { continue }
        return append(Node(.binary(.multiply), [sum(rest, axes, type), outside], type))
      }
    default: break
    }
    return append(Node(.reduce(.sum, axes: axes), [x], type))
  }

  /// The value with the type of a sum that a factor has all along its axes; nil if it varies.
  private mutating func constant(_ factor: Value, along axes: [Int], _ type: TensorType) -> Value? {
    let node = nodes[factor.index]
    switch node.operation {
    case .splat(let number): return append(Node(.splat(number), [], type))
    case .broadcast(let places) where Set(places).isDisjoint(with: axes):
      let kept = (0..<node.type.rank).filter { !axes.contains($0) }
      let operand = node.operands[0]
      if nodes[operand.index].type == type { return operand }
      let among = places.compactMap { kept.firstIndex(of: $0) }
      return append(Node(.broadcast(axes: among), [operand], type))
    default: return nil
    }
  }
}
