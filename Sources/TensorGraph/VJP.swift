/// The vector-Jacobian product of every operation: what `Differentiation.swift` chains.

extension Operation {
  /// Whether a derivative flows to an operand; where not, it is 0 almost everywhere or cut.
  func isDifferentiable(at operand: Int) -> Bool {
    switch self {
    case .input, .splat, .literal, .compare, .random, .stopGradient, .unary(.sign): false
    case .select, .maxPoolSelect, .maxPoolScatter: operand > 0
    case .unary, .binary, .broadcast, .reshape, .transpose, .reduce, .slice, .pad, .concatenate,
      .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .sumPool,
      .sumPoolGradient:
      true
    }
  }
}

extension GraphBuilder {
  /// (∂result/∂operand)ᵀ · cotangent, of the operand's type, for a differentiable operand.
  mutating func vectorJacobianProduct(
    of node: Node, result y: Value, operand position: Int, cotangent dy: Value
  ) -> Value {
    let x = node.operands[position]
    switch node.operation {
    case .input, .splat, .literal, .compare, .random, .stopGradient:
      preconditionFailure("\(node.operation.name) has no derivative")
    case .unary(let function):
      return unaryProduct(function, x, y, dy)
    case .binary(let function):
      return binaryProduct(function, node.operands, y, dy, isLeft: position == 0)
    case .select:
      return masked(dy, by: node.operands[0], isKeptWhereSet: position == 1)
    case .broadcast, .reshape, .transpose, .reduce, .slice, .pad, .concatenate:
      return structuralProduct(node, y, position, dy)
    case .dot(let left, let right):
      return dotProduct(node.operands, left, right, dy, isLeft: position == 0)
    case .convolution(let window):
      return position == 0
        ? apply(.convolutionInputGradient(window), [dy, node.operands[1]], as: type(x))
        : apply(.convolutionFilterGradient(window), [node.operands[0], dy])
    case .convolutionInputGradient(let window):
      return position == 0
        ? apply(.convolution(window), [dy, node.operands[1]])
        : apply(.convolutionFilterGradient(window), [dy, node.operands[0]])
    case .convolutionFilterGradient(let window):
      return position == 0
        ? apply(.convolutionInputGradient(window), [node.operands[1], dy], as: type(x))
        : apply(.convolution(window), [node.operands[0], dy])
    case .sumPool(let window):
      return apply(.sumPoolGradient(window), [dy], as: type(x))
    case .sumPoolGradient(let window):
      return apply(.sumPool(window), [dy])
    case .maxPoolSelect(let window):
      return apply(.maxPoolScatter(window), [node.operands[0], dy])
    case .maxPoolScatter(let window):
      return apply(.maxPoolSelect(window), [node.operands[0], dy])
    }
  }

  /// The cotangent where the mask is set, or where it is not, and 0 elsewhere: unlike a product,
  /// NaN and ∞ of the branch not taken stay out.
  private mutating func masked(_ dy: Value, by mask: Value, isKeptWhereSet: Bool) -> Value {
    let zero = splat(0, like: dy)
    return isKeptWhereSet ? select(mask, dy, zero) : select(mask, zero, dy)
  }

  private mutating func unaryProduct(
    _ function: Operation.Unary, _ x: Value, _ y: Value, _ dy: Value
  ) -> Value {
    switch function {
    case .negate:
      return unary(.negate, dy)
    case .abs:
      let sign = unary(.sign, x)
      return multiply(dy, sign)
    case .sign:
      preconditionFailure("sign has no derivative")
    case .exp:
      return multiply(dy, y)
    case .log:
      return divide(dy, x)
    case .log1p:
      let one = splat(1, like: x)
      let shifted = add(x, one)
      return divide(dy, shifted)
    case .sqrt:
      let half = scale(dy, by: 0.5)
      return divide(half, y)
    case .tanh:
      let one = splat(1, like: y)
      let square = multiply(y, y)
      let slope = subtract(one, square)
      return multiply(dy, slope)
    case .logistic:
      let one = splat(1, like: y)
      let rest = subtract(one, y)
      let slope = multiply(y, rest)
      return multiply(dy, slope)
    case .erf:
      let square = multiply(x, x)
      let exponent = unary(.negate, square)
      let bell = unary(.exp, exponent)
      let slope = scale(bell, by: 2 / Double.pi.squareRoot())
      return multiply(dy, slope)
    }
  }

  private mutating func binaryProduct(
    _ function: Operation.Binary, _ operands: [Value], _ y: Value, _ dy: Value, isLeft: Bool
  ) -> Value {
    let (a, b) = (operands[0], operands[1])
    switch function {
    case .add:
      return dy
    case .subtract:
      return isLeft ? dy : unary(.negate, dy)
    case .multiply:
      return multiply(dy, isLeft ? b : a)
    case .divide:
      let quotient = divide(dy, b)
      if isLeft { return quotient }
      let product = multiply(quotient, y)
      return unary(.negate, product)
    case .maximum:
      let mask = compare(.greater, a, b)
      return masked(dy, by: mask, isKeptWhereSet: isLeft)
    case .minimum:
      let mask = compare(.less, a, b)
      return masked(dy, by: mask, isKeptWhereSet: isLeft)
    }
  }

  /// With Y = A'·B', A' and B' transposed or not: dA' = dY·B'ᵀ, dB' = A'ᵀ·dY.
  private mutating func dotProduct(
    _ operands: [Value], _ left: Bool, _ right: Bool, _ dy: Value, isLeft: Bool
  ) -> Value {
    let (a, b) = (operands[0], operands[1])
    if isLeft {
      return left
        ? dot(b, dy, transposeLeft: right, transposeRight: true)
        : dot(dy, b, transposeRight: !right)
    }
    return right
      ? dot(dy, a, transposeLeft: true, transposeRight: left)
      : dot(a, dy, transposeLeft: !left)
  }
}
