/// Vector-Jacobian products of the operations that move, repeat and fold elements.

extension GraphBuilder {
  /// The product for broadcast, reshape, transpose, reduce, slice, pad and concatenate.
  mutating func structuralProduct(
    _ node: Node, _ y: Value, _ position: Int, _ dy: Value
  ) -> Value {
    let x = node.operands[position]
    switch node.operation {
    case .broadcast(let axes):
      let repeated = (0..<node.type.rank).filter { !axes.contains($0) }
      return repeated.isEmpty ? dy : sum(dy, axes: repeated)
    case .reshape:
      return reshape(dy, shape(x))
    case .transpose(let permutation):
      var inverse = permutation
      for (axis, source) in permutation.enumerated() { inverse[source] = axis }
      return transpose(dy, inverse)
    case .reduce(.sum, let axes):
      return broadcast(dy, to: shape(x), axes: keptAxes(of: x, without: axes))
    case .reduce(.maximum, let axes):
      return maximumProduct(x, y, dy, axes)
    case .slice(let starts, _, let strides):
      return slicePullback(dy, to: shape(x), starts, strides)
    case .pad(let low, _, let interior):
      return padPullback(dy, to: shape(x), low, interior)
    case .concatenate(let axis):
      let offset = node.operands[..<position].reduce(0) { $0 + shape($1)[axis] }
      var starts = [Int](repeating: 0, count: node.type.rank)
      var limits = node.type.shape
      starts[axis] = offset
      limits[axis] = offset + shape(x)[axis]
      let strides = [Int](repeating: 1, count: node.type.rank)
      return apply(.slice(starts: starts, limits: limits, strides: strides), [dy])
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .dot, .convolution,
      .convolutionInputGradient, .convolutionFilterGradient, .sumPool, .sumPoolGradient,
      .maxPoolSelect, .maxPoolScatter, .random, .stopGradient:
      preconditionFailure("\(node.operation.name) does not move elements")
    }
  }

  private func keptAxes(of x: Value, without axes: [Int]) -> [Int] {
    (0..<type(x).rank).filter { !axes.contains($0) }
  }

  /// Equal shares for all elements that attain the maximum.
  private mutating func maximumProduct(
    _ x: Value, _ y: Value, _ dy: Value, _ axes: [Int]
  ) -> Value {
    let kept = keptAxes(of: x, without: axes)
    let spread = broadcast(y, to: shape(x), axes: kept)
    let mask = compare(.equal, x, spread)
    let ties = sum(mask, axes: axes)
    let share = divide(dy, ties)
    let shares = broadcast(share, to: shape(x), axes: kept)
    let zero = splat(0, like: x)
    return select(mask, shares, zero)
  }

  private mutating func slicePullback(
    _ dy: Value, to shape: [Int], _ starts: [Int], _ strides: [Int]
  ) -> Value {
    let taken = self.shape(dy)
    let high = shape.indices.map { axis in
      let span = taken[axis] == 0 ? 0 : (taken[axis] - 1) * strides[axis] + 1
      return shape[axis] - starts[axis] - span
    }
    return apply(.pad(low: starts, high: high, interior: strides.map { $0 - 1 }), [dy])
  }

  private mutating func padPullback(
    _ dy: Value, to shape: [Int], _ low: [Int], _ interior: [Int]
  ) -> Value {
    let strides = interior.map { $0 + 1 }
    let limits = shape.indices.map { axis in
      low[axis] + (shape[axis] == 0 ? 0 : (shape[axis] - 1) * strides[axis] + 1)
    }
    return apply(.slice(starts: low, limits: limits, strides: strides), [dy])
  }
}
