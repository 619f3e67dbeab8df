/// The vector-Jacobian product of every operation: what `Differentiation.swift` chains.

extension Operation {
  /// Whether a derivative flows to an operand; where not, it is 0 almost everywhere or cut.
  func isDifferentiable(at operand: Int) -> Bool {
    switch self {
    case .input, .splat, .literal, .compare, .random, .stopGradient, .unary(.sign): false
    case .select, .maxPoolSelect, .maxPoolScatter, .withDerivative: operand > 0
    case .unary, .binary, .broadcast, .reshape, .transpose, .reduce, .slice, .pad, .concatenate,
      .dot, .cholesky, .triangularSolve, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool,
      .sumPoolGradient:
      true
    }
  }
}

extension Node {
  /// (∂y/∂x)ᵀ · dy for the differentiable operand x at a position, of its type.
  func cotangent(at position: Int, result y: Tensor, _ dy: Tensor) -> Tensor {
    let builder = y.builder
    let inputs = operands.map(builder.tensor)
    let x = inputs[position]
    let dy = hasRoundedOperands(in: builder.graph) ? roundedToBFloat16(dy) : dy
    switch operation {
    case .input, .splat, .literal, .compare, .random, .stopGradient:
      preconditionFailure("\(operation.name) has no derivative")
    case .withDerivative:
      return dy
    case .unary(let function):
      return unaryCotangent(function, x, y, dy)
    case .binary(let function):
      return binaryCotangent(function, inputs[0], inputs[1], y, dy, isLeft: position == 0)
    case .select:
      return masked(dy, by: inputs[0], isKeptWhereSet: position == 1)
    case .broadcast(let axes):
      let repeated = type.otherAxes(than: axes)
      return repeated.isEmpty ? dy : dy.sum(axes: repeated)
    case .reshape:
      return dy.reshaped(x.shape)
    case .transpose(let permutation):
      return dy.transposed(permutation.indices.sorted { permutation[$0] < permutation[$1] })
    case .reduce(.sum, let axes):
      return dy.broadcast(like: x, axes: x.type.otherAxes(than: axes))
    case .reduce(.maximum, let axes):
      return maximumCotangent(x, y, dy, axes)
    case .slice(let starts, _, let strides):
      return dy.spread(to: x.shape, starts, strides)
    case .pad(let low, _, let interior):
      return dy.gathered(to: x.shape, low, strides: interior.map { $0 + 1 })
    case .concatenate(let axis):
      let start = inputs[..<position].reduce(0) { $0 + $1.shape[axis] }
      return dy.sliced(start..<start + x.shape[axis], axis: axis)
    case .dot(let left, let right):
      return dotCotangent(inputs[0], inputs[1], left, right, dy, isLeft: position == 0)
    case .cholesky:
      return choleskyCotangent(y, dy)
    case .triangularSolve(let transposed):
      let solved = inputs[0].solving(dy, transposed: !transposed)
      if position == 1 { return solved }
      return transposed
        ? -y.dot(solved, transposeRight: true).lowerTriangle()
        : -solved.dot(y, transposeRight: true).lowerTriangle()
    case .convolution(let window):
      return position == 0
        ? builder.apply(.convolutionInputGradient(window), [dy, inputs[1]], as: x.type)
        : builder.apply(.convolutionFilterGradient(window), [inputs[0], dy])
    case .convolutionInputGradient(let window):
      return position == 0
        ? dy.convolved(with: inputs[1], window)
        : builder.apply(.convolutionFilterGradient(window), [dy, inputs[0]])
    case .convolutionFilterGradient(let window):
      return position == 0
        ? builder.apply(.convolutionInputGradient(window), [inputs[1], dy], as: x.type)
        : inputs[0].convolved(with: dy, window)
    case .sumPool(let window):
      return builder.apply(.sumPoolGradient(window), [dy], as: x.type)
    case .sumPoolGradient(let window):
      return dy.sumPool(window)
    case .maxPoolSelect(let window):
      return builder.apply(.maxPoolScatter(window), [inputs[0], dy])
    case .maxPoolScatter(let window):
      return builder.apply(.maxPoolSelect(window), [inputs[0], dy])
    }
  }
}

extension Node {
  /// Whether it is a product of operands that are rounded to bfloat16.
  fileprivate func hasRoundedOperands(in graph: Graph) -> Bool {
    switch operation {
    case .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient:
      operands.allSatisfy { graph[$0].operation == .unary(.bfloat16) }
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .reduce, .slice, .pad, .concatenate, .sumPool, .sumPoolGradient, .maxPoolSelect,
      .maxPoolScatter, .random, .stopGradient, .withDerivative, .cholesky, .triangularSolve:
      false
    }
  }
}

private func unaryCotangent(
  _ function: Operation.Unary, _ x: Tensor, _ y: Tensor, _ dy: Tensor
) -> Tensor {
  switch function {
  case .negate: return -dy
  case .abs: return dy * sign(x)
  case .sign: preconditionFailure("sign has no derivative")
  case .exp: return dy * y
  case .log: return dy / x
  case .log1p: return dy / (x + 1)
  case .sqrt: return dy * 0.5 / y
  case .tanh: return dy * (1 - y * y)
  case .logistic: return dy * (y * (1 - y))
  case .erf: return dy * (exp(-(x * x)) * (2 / Double.pi.squareRoot()))
  case .bfloat16: return dy
  }
}

private func binaryCotangent(
  _ function: Operation.Binary, _ a: Tensor, _ b: Tensor, _ y: Tensor, _ dy: Tensor, isLeft: Bool
) -> Tensor {
  switch function {
  case .add: dy
  case .subtract: isLeft ? dy : -dy
  case .multiply: dy * (isLeft ? b : a)
  case .divide: isLeft ? dy / b : -(dy / b * y)
  case .maximum: masked(dy, by: a .> b, isKeptWhereSet: isLeft)
  case .minimum: masked(dy, by: a .< b, isKeptWhereSet: isLeft)
  }
}

/// The cotangent where the mask is set, or where it is not, and 0 elsewhere: unlike a product, NaN
/// and ∞ of the branch not taken stay out.
private func masked(_ dy: Tensor, by mask: Tensor, isKeptWhereSet: Bool) -> Tensor {
  isKeptWhereSet ? select(mask, dy, 0) : select(mask, 0, dy)
}

/// Equal shares for all elements that attain the maximum.
private func maximumCotangent(_ x: Tensor, _ y: Tensor, _ dy: Tensor, _ axes: [Int]) -> Tensor {
  let kept = x.type.otherAxes(than: axes)
  let mask = x .== y.broadcast(like: x, axes: kept)
  let share = dy / mask.sum(axes: axes)
  return select(mask, share.broadcast(like: x, axes: kept), 0)
}

/// With Y = A'·B', A' and B' transposed or not: dA' = dY·B'ᵀ, dB' = A'ᵀ·dY.
private func dotCotangent(
  _ a: Tensor, _ b: Tensor, _ left: Bool, _ right: Bool, _ dy: Tensor, isLeft: Bool
) -> Tensor {
  if isLeft {
    return left
      ? b.dot(dy, transposeLeft: right, transposeRight: true)
      : dy.dot(b, transposeRight: !right)
  }
  return right
    ? dy.dot(a, transposeLeft: true, transposeRight: left)
    : a.dot(dy, transposeLeft: !left)
}

/// The symmetric part of S = L⁻ᵀ Φ(Lᵀ dL) L⁻¹, where Φ keeps the lower triangle and halves the
/// diagonal.
///
/// - Reference: Murray 2016, "Differentiation of the Cholesky decomposition".
private func choleskyCotangent(_ factor: Tensor, _ dy: Tensor) -> Tensor {
  let inner = factor.dot(dy, transposeLeft: true).lowerTriangle(diagonal: 0.5)
  let left = factor.solving(inner, transposed: true)
  let both = factor.solving(left.transposed([1, 0]), transposed: true)
  return (both + both.transposed([1, 0])) * 0.5
}

extension TensorType {
  fileprivate func otherAxes(than axes: [Int]) -> [Int] {
    (0..<rank).filter { !axes.contains($0) }
  }
}

/// How far elements reach that stand so many strides apart.
private func span(_ count: Int, _ stride: Int) -> Int { count == 0 ? 0 : (count - 1) * stride + 1 }

extension Tensor {
  /// The adjoint of a slice of a tensor of a shape.
  fileprivate func spread(to shape: [Int], _ starts: [Int], _ strides: [Int]) -> Tensor {
    let high = shape.indices.map { axis in
      shape[axis] - starts[axis] - span(self.shape[axis], strides[axis])
    }
    return padded(low: starts, high: high, interior: strides.map { $0 - 1 })
  }

  /// The adjoint of padding a tensor of a shape.
  fileprivate func gathered(to shape: [Int], _ low: [Int], strides: [Int]) -> Tensor {
    let limits = shape.indices.map { low[$0] + span(shape[$0], strides[$0]) }
    return sliced(starts: low, limits: limits, strides: strides)
  }
}
