/// Reverse-mode differentiation: appends the nodes that compute derivatives to the same graph.
/// The rule of each operation is in `VJP.swift`.
extension GraphBuilder {
  /// The derivatives of a scalar with respect to values it may depend on, each of that value's type.
  ///
  /// Cost: a small constant times the nodes between the values and the scalar.
  public mutating func gradients(of scalar: Value, withRespectTo values: [Value]) -> [Value] {
    precondition(type(scalar).rank == 0, "gradients of \(type(scalar)), which is not a scalar")
    let one = splat(1)
    return pullback(of: [(scalar, one)], to: values)
  }

  /// Σ (∂output/∂input)ᵀ · cotangent for each input: Jacobian-transposed products.
  ///
  /// The pullback of a linear map is its adjoint. An input on which no output depends gets a splat
  /// of 0. An input may itself depend on another; each gets the derivative along every path.
  ///
  /// - Parameters:
  ///   - outputs: values and cotangents of equal type; one that is listed twice counts twice.
  ///   - inputs: where to stop.
  public mutating func pullback(
    of outputs: [(value: Value, cotangent: Value)], to inputs: [Value]
  ) -> [Value] {
    for output in outputs {
      precondition(
        type(output.value) == type(output.cotangent),
        "cotangent of \(type(output.value)) has type \(type(output.cotangent))")
    }
    let end = (outputs.map(\.value.index).max() ?? -1) + 1
    let start = inputs.map(\.index).min() ?? end
    let isActive = activeNodes(from: inputs, in: start..<max(start, end))
    var cotangents = [Value?](repeating: nil, count: isActive.count)
    for output in outputs where output.value.index >= start && isActive[output.value.index - start]
    {
      accumulate(output.cotangent, into: &cotangents[output.value.index - start])
    }
    for index in stride(from: end - 1, through: start, by: -1) {
      guard let cotangent = cotangents[index - start] else { continue }
      let node = graph.nodes[index]
      for (position, operand) in node.operands.enumerated()
      where operand.index >= start && isActive[operand.index - start]
        && node.operation.isDifferentiable(at: position)
      {
        let part = vectorJacobianProduct(
          of: node, result: Value(index), operand: position, cotangent: cotangent)
        accumulate(part, into: &cotangents[operand.index - start])
      }
    }
    return inputs.map { input in
      (input.index < end ? cotangents[input.index - start] : nil) ?? splat(0, like: input)
    }
  }

  /// Which nodes of the range depend differentiably on an input.
  private func activeNodes(from inputs: [Value], in range: Range<Int>) -> [Bool] {
    var isActive = [Bool](repeating: false, count: range.count)
    for input in inputs where range.contains(input.index) {
      isActive[input.index - range.lowerBound] = true
    }
    for index in range where !isActive[index - range.lowerBound] {
      let node = graph.nodes[index]
      isActive[index - range.lowerBound] = node.operands.indices.contains { position in
        let operand = node.operands[position].index
        return operand >= range.lowerBound && isActive[operand - range.lowerBound]
          && node.operation.isDifferentiable(at: position)
      }
    }
    return isActive
  }

  private mutating func accumulate(_ part: Value, into total: inout Value?) {
    total = total.map { add($0, part) } ?? part
  }
}
