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
      .cholesky, .triangularSolve, .convolution, .convolutionFilterGradient, .sumPool,
      .maxPoolSelect, .maxPoolScatter,
      .stopGradient, .withDerivative:
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
      try require(operands[0].rank == 0, "random needs a scalar counter, found \(operands[0])")
      return try given(result)
    case .unary, .stopGradient:
      return operands[0]
    case .binary, .compare, .select, .withDerivative:
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
    case .cholesky:
      try require(
        operands[0].rank == 2 && operands[0].shape[0] == operands[0].shape[1],
        "cholesky of \(operands[0])")
      return operands[0]
    case .triangularSolve:
      let (factor, right) = (operands[0], operands[1])
      try require(
        factor.rank == 2 && right.rank == 2 && factor.shape == [right.shape[0], right.shape[0]],
        "triangularSolve of \(factor) and \(right)")
      return right
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
    case .cholesky: "cholesky"
    case .triangularSolve: "triangularSolve"
    case .convolution: "convolution"
    case .convolutionInputGradient: "convolutionInputGradient"
    case .convolutionFilterGradient: "convolutionFilterGradient"
    case .sumPool: "sumPool"
    case .sumPoolGradient: "sumPoolGradient"
    case .maxPoolSelect: "maxPoolSelect"
    case .maxPoolScatter: "maxPoolScatter"
    case .random: "random"
    case .stopGradient: "stopGradient"
    case .withDerivative: "withDerivative"
    }
  }

  private func given(_ result: TensorType?) throws(TypeFault) -> TensorType {
    guard let result else { throw TypeFault("\(name) needs its result type") }
    return result
  }

  private func require(_ holds: Bool, _ fault: @autoclosure () -> String) throws(TypeFault) {
    if !holds { throw TypeFault(fault()) }
  }

  private func equalTypes(_ operands: [TensorType]) throws(TypeFault) -> TensorType {
    try require(
      operands.allSatisfy { $0 == operands[0] },
      "\(name) needs operands of equal type, found \(operands)")
    return operands[0]
  }

  private func checkArity(_ count: Int) throws(TypeFault) {
    let wanted: Int? =
      switch self {
      case .input, .splat, .literal: 0
      case .unary, .broadcast, .reshape, .transpose, .reduce, .slice, .pad, .sumPool,
        .sumPoolGradient, .random, .stopGradient, .cholesky:
        1
      case .binary, .compare, .dot, .triangularSolve, .withDerivative, .convolution,
        .convolutionInputGradient,
        .convolutionFilterGradient, .maxPoolSelect, .maxPoolScatter:
        2
      case .select: 3
      case .concatenate: nil
      }
    if let wanted {
      try require(count == wanted, "\(name) takes \(wanted) operands, found \(count)")
    } else {
      try require(count > 0, "\(name) takes at least one operand")
    }
  }

  private func broadcastType(
    _ x: TensorType, _ axes: [Int], _ result: TensorType
  ) throws(TypeFault) -> TensorType {
    let increasing = zip(axes, axes.dropFirst()).allSatisfy { $0 < $1 }
    let fits =
      axes.count == x.rank && axes.allSatisfy { (0..<result.rank).contains($0) }
      && zip(x.shape, axes).allSatisfy { $0 == result.shape[$1] }
    try require(increasing && fits, "broadcast of \(x) to \(result) by \(axes)")
    return result
  }

  private func sliceType(
    _ x: TensorType, _ starts: [Int], _ limits: [Int], _ strides: [Int]
  ) throws(TypeFault) -> TensorType {
    let rank = x.rank
    try require(
      starts.count == rank && limits.count == rank && strides.count == rank,
      "slice of \(x) by \(starts), \(limits), \(strides)")
    var shape: [Int] = []
    for axis in 0..<rank {
      try require(
        0 <= starts[axis] && starts[axis] <= limits[axis] && limits[axis] <= x.shape[axis]
          && strides[axis] > 0, "slice of \(x) from \(starts) to \(limits) by \(strides)")
      shape.append((limits[axis] - starts[axis] + strides[axis] - 1) / strides[axis])
    }
    return TensorType(shape)
  }

  private func padType(
    _ x: TensorType, _ low: [Int], _ high: [Int], _ interior: [Int]
  ) throws(TypeFault) -> TensorType {
    let rank = x.rank
    try require(
      low.count == rank && high.count == rank && interior.count == rank
        && (low + high + interior).allSatisfy { $0 >= 0 },
      "pad of \(x) by \(low), \(high), \(interior)")
    return TensorType(
      (0..<rank).map { low[$0] + x.shape[$0] + high[$0] + max(0, x.shape[$0] - 1) * interior[$0] })
  }

  private func concatenateType(
    _ operands: [TensorType], _ axis: Int
  ) throws(TypeFault) -> TensorType {
    var shape = operands[0].shape
    try require(shape.indices.contains(axis), "concatenate of \(operands) along axis \(axis)")
    for operand in operands.dropFirst() {
      var other = operand.shape
      try require(other.count == shape.count, "concatenate of \(operands) along axis \(axis)")
      shape[axis] += other[axis]
      other[axis] = shape[axis]
      try require(other == shape, "concatenate of \(operands) along axis \(axis)")
    }
    return TensorType(shape)
  }

  private func dotType(
    _ a: TensorType, _ b: TensorType, _ left: Bool, _ right: Bool
  ) throws(TypeFault) -> TensorType {
    try require(a.rank == 2 && b.rank == 2, "dot of \(a) and \(b)")
    let (rows, inner) = left ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (other, columns) = right ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    try require(inner == other, "dot of \(a) and \(b): inner extents \(inner) and \(other)")
    return TensorType([rows, columns])
  }
}

extension ConvolutionWindow {
  fileprivate func resultType(_ x: TensorType, _ filter: TensorType) throws(TypeFault) -> TensorType
  {
    guard isWellFormed, x.rank == 4, filter.rank == 4, Array(filter.shape[2...]) == kernel,
      filter.shape[1] * groups == x.shape[1], filter.shape[0] % groups == 0,
      let extent = outputExtent(Array(x.shape[2...]))
    else { throw TypeFault("convolution of \(x) with \(filter), \(self)") }
    return TensorType([x.shape[0], filter.shape[0]] + extent)
  }

  /// Whether pairs have two elements, and extents and steps are positive.
  fileprivate var isWellFormed: Bool {
    groups > 0 && [kernel, strides, dilations].allSatisfy { $0.count == 2 && $0.min()! > 0 }
      && [paddingLow, paddingHigh].allSatisfy { $0.count == 2 && $0.min()! >= 0 }
  }
}

extension PoolWindow {
  fileprivate func resultType(_ x: TensorType) throws(TypeFault) -> TensorType {
    guard isWellFormed, x.rank == 4, let extent = outputExtent(Array(x.shape[2...])) else {
      throw TypeFault("pool of \(x), \(self)")
    }
    return TensorType([x.shape[0], x.shape[1]] + extent)
  }

  /// The type of a maximum, which needs an element in every window: less padding than kernel.
  fileprivate func maximumResultType(_ x: TensorType) throws(TypeFault) -> TensorType {
    let result = try resultType(x)
    guard (0..<2).allSatisfy({ max(paddingLow[$0], paddingHigh[$0]) < kernel[$0] }),
      x.shape[2] > 0, x.shape[3] > 0
    else { throw TypeFault("maximum pool of \(x) with windows of padding alone, \(self)") }
    return result
  }

  private var isWellFormed: Bool {
    [kernel, strides].allSatisfy { $0.count == 2 && $0.min()! > 0 }
      && [paddingLow, paddingHigh].allSatisfy { $0.count == 2 && $0.min()! >= 0 }
  }
}
