/// A broken type rule of a primitive operation: a bug of whoever built the graph.
public struct TypeFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The rule and what was found.
  public let description: String
  /// States a fault.
  public init(_ description: String) { self.description = description }
}

extension Operation {
  /// Whether the result's type follows from the operands, or must be given: broadcast, reshape,
  /// input, constants, random numbers and the adjoints that restore a larger extent.
  public var needsResultType: Bool {
    switch self {
    case .input, .splat, .literal, .broadcast, .reshape, .random, .convolutionInputGradient,
      .sumPoolGradient:
      true
    case .unary, .binary, .compare, .select, .transpose, .reduce, .slice, .pad, .concatenate, .dot,
      .convolution, .convolutionFilterGradient, .sumPool, .maxPoolSelect, .maxPoolScatter,
      .stopGradient:
      false
    }
  }

  /// The type of the result.
  ///
  /// - Parameters:
  ///   - operands: the operands' types.
  ///   - result: the intended type where ``needsResultType``; checked, then returned.
  public func resultType(
    of operands: [TensorType], result: TensorType? = nil
  ) throws(TypeFault) -> TensorType {
    try checkArity(operands.count)
    switch self {
    case .input, .splat:
      return try given(result)
    case .literal(let literal):
      let type = try given(result)
      try require(
        literal.elements.count == type.count,
        "literal of \(literal.elements.count) elements for \(type)")
      return type
    case .random:
      try require(operands[0].rank == 0, "random needs a scalar counter, got \(operands[0])")
      return try given(result)
    case .unary, .stopGradient:
      return operands[0]
    case .binary, .compare, .select:
      return try equalTypes(operands)
    case .broadcast(let axes):
      return try broadcastType(operands[0], axes, given(result))
    case .reshape:
      let type = try given(result)
      try require(type.count == operands[0].count, "reshape from \(operands[0]) to \(type)")
      return type
    case .transpose(let permutation):
      try require(
        permutation.sorted() == Array(0..<operands[0].rank),
        "transpose of \(operands[0]) by \(permutation)")
      return TensorType(permutation.map { operands[0].shape[$0] })
    case .reduce(_, let axes):
      let x = operands[0]
      try require(
        axes == Array(Set(axes)).sorted() && axes.allSatisfy { (0..<x.rank).contains($0) },
        "reduce of \(x) over \(axes)")
      return TensorType((0..<x.rank).filter { !axes.contains($0) }.map { x.shape[$0] })
    case .slice(let starts, let limits, let strides):
      return try sliceType(operands[0], starts, limits, strides)
    case .pad(let low, let high, let interior):
      return try padType(operands[0], low, high, interior)
    case .concatenate(let axis):
      return try concatenateType(operands, axis)
    case .dot(let left, let right):
      return try dotType(operands[0], operands[1], left, right)
    case .convolution(let window):
      return try window.resultType(operands[0], operands[1])
    case .convolutionInputGradient(let window):
      let x = try given(result)
      try require(
        try window.resultType(x, operands[1]) == operands[0],
        "convolutionInputGradient from \(operands[0]) to \(x)")
      return x
    case .convolutionFilterGradient(let window):
      let (x, dy) = (operands[0], operands[1])
      try require(
        window.isWellFormed && x.rank == 4 && dy.rank == 4 && x.shape[1] % window.groups == 0,
        "convolutionFilterGradient of \(x) and \(dy)")
      let filter = TensorType([dy.shape[1], x.shape[1] / window.groups] + window.kernel)
      try require(
        try window.resultType(x, filter) == dy, "convolutionFilterGradient of \(x) and \(dy)")
      return filter
    case .sumPool(let window):
      return try window.resultType(operands[0])
    case .maxPoolSelect(let window):
      return try window.maximumResultType(equalTypes(operands))
    case .sumPoolGradient(let window):
      let x = try given(result)
      try require(
        try window.resultType(x) == operands[0], "sumPoolGradient from \(operands[0]) to \(x)")
      return x
    case .maxPoolScatter(let window):
      try require(
        try window.maximumResultType(operands[0]) == operands[1],
        "maxPoolScatter of \(operands[1]) into \(operands[0])")
      return operands[0]
    }
  }

  /// The operation's name in printed graphs, without attributes.
  public var name: String {
    switch self {
    case .input: "input"
    case .splat: "splat"
    case .literal: "literal"
    case .unary(let function): function.rawValue
    case .binary(let function): function.rawValue
    case .compare(let relation): relation.rawValue
    case .select: "select"
    case .broadcast: "broadcast"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .reduce(let fold, _): fold == .sum ? "reduceSum" : "reduceMaximum"
    case .slice: "slice"
    case .pad: "pad"
    case .concatenate: "concatenate"
    case .dot: "dot"
    case .convolution: "convolution"
    case .convolutionInputGradient: "convolutionInputGradient"
    case .convolutionFilterGradient: "convolutionFilterGradient"
    case .sumPool: "sumPool"
    case .sumPoolGradient: "sumPoolGradient"
    case .maxPoolSelect: "maxPoolSelect"
    case .maxPoolScatter: "maxPoolScatter"
    case .random: "random"
    case .stopGradient: "stopGradient"
    }
  }

  private func given(_ result: TensorType?) throws(TypeFault) -> TensorType {
    guard let result else { throw TypeFault("\(name) needs its result type") }
    return result
  }

  func require(_ holds: Bool, _ fault: @autoclosure () -> String) throws(TypeFault) {
    if !holds { throw TypeFault(fault()) }
  }

  private func equalTypes(_ operands: [TensorType]) throws(TypeFault) -> TensorType {
    try require(
      operands.allSatisfy { $0 == operands[0] },
      "\(name) needs operands of equal type, got \(operands)")
    return operands[0]
  }

  private func checkArity(_ count: Int) throws(TypeFault) {
    let wanted: Int? =
      switch self {
      case .input, .splat, .literal: 0
      case .unary, .broadcast, .reshape, .transpose, .reduce, .slice, .pad, .sumPool,
        .sumPoolGradient, .random, .stopGradient:
        1
      case .binary, .compare, .dot, .convolution, .convolutionInputGradient,
        .convolutionFilterGradient, .maxPoolSelect, .maxPoolScatter:
        2
      case .select: 3
      case .concatenate: nil
      }
    if let wanted {
      try require(count == wanted, "\(name) takes \(wanted) operands, got \(count)")
    } else {
      try require(count > 0, "\(name) takes at least one operand")
    }
  }
}
