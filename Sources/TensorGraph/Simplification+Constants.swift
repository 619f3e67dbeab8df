/// Constant folding.
extension SimplificationSweep {
  /// Literals of at most this many elements are folded; larger ones would bloat the graph.
  private static let literalLimit = 64

  /// The number of a splat.
  func number(_ value: Value) -> Double? {
    if case .splat(let number) = self[value].operation { number } else { nil }
  }

  /// The elements of a small constant.
  private func constant(_ value: Value) -> ReferenceTensor? {
    let node = self[value]
    guard node.type.count <= Self.literalLimit else { return nil }
    return switch node.operation {
    case .splat(let number): ReferenceTensor(node.type.shape, repeating: number)
    case .literal(let literal): ReferenceTensor(node.type.shape, literal.elements)
    default: nil
    }
  }

  /// The constant that a node with constant operands computes.
  func folded(_ node: Node) -> Node? {
    switch node.operation {
    case .input, .splat, .random: return nil
    case .literal(let literal): return splat(ifUniform: literal.elements, node.type)
    default: break
    }
    if let node = foldedSplat(node) { return node }
    guard node.type.count <= Self.literalLimit, !node.operands.isEmpty else { return nil }
    var operands: [ReferenceTensor] = []
    for operand in node.operands {
      guard let tensor = constant(operand) else { return nil }
      operands.append(tensor)
    }
    let elements = node.operation.evaluate(operands, as: node.type).elements
    return splat(ifUniform: elements, node.type)
      ?? Node(.literal(Literal(elements)), [], node.type)
  }

  /// A literal of one number repeated, as a splat; numbers are compared by their bits.
  private func splat(ifUniform elements: [Double], _ type: TensorType) -> Node? {
    guard let first = elements.first, !first.isNaN,
      elements.allSatisfy({ $0.bitPattern == first.bitPattern })
    else { return nil }
    return Node(.splat(first), [], type)
  }

  /// What splats of any size give.
  private func foldedSplat(_ node: Node) -> Node? {
    let numbers = node.operands.compactMap { number($0) }
    guard numbers.count == node.operands.count, let first = numbers.first else { return nil }
    let folded: Double? =
      switch node.operation {
      case .withDerivative: first
      case .unary(let function): function.evaluate(first)
      case .binary(let function): function.evaluate(first, numbers[1])
      case .compare(let relation): relation.holds(first, numbers[1]) ? 1 : 0
      case .select: first != 0 ? numbers[1] : numbers[2]
      case .broadcast, .reshape, .transpose, .slice, .stopGradient, .maxPoolSelect: numbers.last
      case .concatenate: numbers.allSatisfy { $0 == first } ? first : nil
      case .pad: first == 0 ? 0 : nil
      case .reduce(let fold, _): foldedReduction(fold, first, node)
      case .input, .splat, .literal, .dot, .cholesky, .triangularSolve, .convolution,
        .convolutionInputGradient,
        .convolutionFilterGradient, .sumPool, .sumPoolGradient, .maxPoolScatter, .random:
        nil
      }
    guard let folded, !folded.isNaN else { return nil }
    return Node(.splat(folded), [], node.type)
  }

  /// A fold of equal numbers: their maximum, or their sum as one rounded product.
  private func foldedReduction(
    _ fold: Operation.Reduction, _ number: Double, _ node: Node
  ) -> Double? {
    let count = self[node.operands[0]].type.count
    guard count > 0, node.type.count > 0 else { return nil }
    let share = count / node.type.count
    switch fold {
    case .maximum: return number
    case .sum: return number * Double(share)
    }
  }
}
