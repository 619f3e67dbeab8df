/// Algebraic identities that hold exactly.
extension SimplificationSweep {
  /// The simpler value that a node equals, if an identity applies.
  mutating func identity(_ node: Node) -> Value? {
    let operands = node.operands
    switch node.operation {
    case .stopGradient, .withDerivative:
      return operands[0]
    case .unary(.negate):
      return inner(operands[0], of: .unary(.negate))
    case .unary(.bfloat16):
      return self[operands[0]].operation == node.operation ? operands[0] : nil
    case .unary(.abs):
      return inner(operands[0], of: .unary(.negate)).map {
        simplified(Node(node.operation, [$0], node.type))
      }
    case .binary(let function):
      return binaryIdentity(function, operands[0], operands[1], node.type)
    case .select:
      if operands[1] == operands[2] { return operands[1] }
      return number(operands[0]).map { $0 != 0 ? operands[1] : operands[2] }
    case .broadcast, .reshape, .transpose, .slice, .pad, .concatenate, .reduce:
      return movement(node)
    case .dot(let left, let right):
      return transposeAbsorbed(operands, left, right, node.type)
    case .input, .splat, .literal, .unary, .compare, .cholesky, .triangularSolve, .convolution,
      .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter,
      .random:
      return nil
    }
  }

  /// The operand of a value made by a unary operation.
  private func inner(_ value: Value, of operation: Operation) -> Value? {
    let node = self[value]
    return node.operation == operation ? node.operands[0] : nil
  }

  private mutating func binaryIdentity(
    _ function: Operation.Binary, _ a: Value, _ b: Value, _ type: TensorType
  ) -> Value? {
    switch function {
    case .add:
      if number(a) == 0 { return b }
      if number(b) == 0 { return a }
      if let negated = inner(b, of: .unary(.negate)) {
        return combined(.subtract, a, negated, type)
      }
      if let negated = inner(a, of: .unary(.negate)) {
        return combined(.subtract, b, negated, type)
      }
      return ordered(function, a, b, type)
    case .subtract:
      if number(b) == 0 { return a }
      if number(a) == 0 { return simplified(Node(.unary(.negate), [b], type)) }
      return inner(b, of: .unary(.negate)).map { combined(.add, a, $0, type) }
    case .multiply:
      if number(a) == 1 { return b }
      if number(b) == 1 { return a }
      if number(a) == -1 { return simplified(Node(.unary(.negate), [b], type)) }
      if number(b) == -1 { return simplified(Node(.unary(.negate), [a], type)) }
      return ordered(function, a, b, type)
    case .divide:
      if number(b) == 1 { return a }
      return number(b) == -1 ? simplified(Node(.unary(.negate), [a], type)) : nil
    case .maximum, .minimum:
      return a == b ? a : nil
    }
  }

  private mutating func combined(
    _ function: Operation.Binary, _ a: Value, _ b: Value, _ type: TensorType
  ) -> Value {
    simplified(Node(.binary(function), [a, b], type))
  }

  /// Sums and products with a constant on the right, otherwise the earlier operand first, so that
  /// a + b and b + a are shared.
  private mutating func ordered(
    _ function: Operation.Binary, _ a: Value, _ b: Value, _ type: TensorType
  ) -> Value? {
    let isSwapped =
      number(a) != nil && number(b) == nil || (number(a) == nil) == (number(b) == nil) && b < a
    return isSwapped ? combined(function, b, a, type) : nil
  }

  /// The matrix product of a transposed matrix reads it transposed.
  private mutating func transposeAbsorbed(
    _ operands: [Value], _ left: Bool, _ right: Bool, _ type: TensorType
  ) -> Value? {
    let a = inner(operands[0], of: .transpose([1, 0]))
    let b = inner(operands[1], of: .transpose([1, 0]))
    guard a != nil || b != nil else { return nil }
    let operation = Operation.dot(
      transposeLeft: left != (a != nil), transposeRight: right != (b != nil))
    return simplified(Node(operation, [a ?? operands[0], b ?? operands[1]], type))
  }

  /// Operations that move elements and happen to move none, or that follow one of their kind.
  private mutating func movement(_ node: Node) -> Value? {
    let x = node.operands[0]
    let source = self[x]
    switch node.operation {
    case .concatenate:
      return node.operands.count == 1 ? x : nil
    case .reduce(let fold, let axes):
      if axes.isEmpty { return x }
      if case .reduce(fold, let first) = source.operation {
        return reduceOfReduce(fold, first, axes, source.operands[0], node.type)
      }
      return nil
    case .reshape:
      if source.type == node.type { return x }
      if case .reshape = source.operation {
        return simplified(Node(.reshape, source.operands, node.type))
      }
      return nil
    case .broadcast(let axes):
      if source.type == node.type { return x }
      if case .broadcast(let first) = source.operation {
        let both = Operation.broadcast(axes: first.map { axes[$0] })
        return simplified(Node(both, source.operands, node.type))
      }
      return nil
    case .transpose(let permutation):
      if permutation == Array(permutation.indices) { return x }
      if case .transpose(let first) = source.operation {
        let both = Operation.transpose(permutation.map { first[$0] })
        return simplified(Node(both, source.operands, node.type))
      }
      return nil
    case .slice, .pad:
      return source.type == node.type && keepsEverything(node.operation) ? x : nil
    default:
      return nil
    }
  }

  private func keepsEverything(_ operation: Operation) -> Bool {
    switch operation {
    case .slice(let starts, _, let strides):
      starts.allSatisfy { $0 == 0 } && strides.allSatisfy { $0 == 1 }
    case .pad(let low, let high, let interior):
      (low + high + interior).allSatisfy { $0 == 0 }
    default: false
    }
  }

  /// The maximum of maxima over all their axes at once; sums would be added in another order.
  private mutating func reduceOfReduce(
    _ fold: Operation.Reduction, _ first: [Int], _ second: [Int], _ x: Value, _ type: TensorType
  ) -> Value? {
    guard fold == .maximum else { return nil }
    let kept = (0..<self[x].type.rank).filter { !first.contains($0) }
    let axes = (first + second.map { kept[$0] }).sorted()
    return simplified(Node(.reduce(fold, axes: axes), [x], type))
  }
}
