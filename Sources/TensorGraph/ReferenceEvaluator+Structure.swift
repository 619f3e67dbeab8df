/// Operations that move, repeat and fold elements, and the matrix product, in Double.

extension Operation {
  /// The elements of broadcast, transpose, slice, pad and concatenate.
  func movedElements(_ operands: [ReferenceTensor], _ shape: [Int]) -> [Double] {
    let x = operands[0]
    let strides = StridedWalk.strides(x.shape)
    switch self {
    case .broadcast(let axes):
      var steps = [Int](repeating: 0, count: shape.count)
      for (axis, target) in axes.enumerated() { steps[target] = strides[axis] }
      return StridedWalk(shape, strides: steps).gather(x.elements)
    case .transpose(let permutation):
      return StridedWalk(shape, strides: permutation.map { strides[$0] }).gather(x.elements)
    case .slice(let starts, _, let steps):
      let start = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
      return StridedWalk(shape, strides: zip(steps, strides).map { $0 * $1 }, start: start)
        .gather(x.elements)
    case .pad(let low, _, let interior):
      return padded(x, low, interior, shape)
    case .concatenate(let axis):
      return concatenated(operands, axis, shape)
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .reshape, .reduce, .dot,
      .cholesky, .triangularSolve, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool,
      .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random, .stopGradient, .withDerivative:
      preconditionFailure("\(name) does not move elements")
    }
  }

  private func padded(
    _ x: ReferenceTensor, _ low: [Int], _ interior: [Int], _ shape: [Int]
  ) -> [Double] {
    let strides = StridedWalk.strides(shape)
    let start = zip(low, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let steps = zip(interior, strides).map { ($0 + 1) * $1 }
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    StridedWalk(x.shape, strides: steps, start: start).forEach { index, offset in
      result[offset] = x.elements[index]
    }
    return result
  }

  private func concatenated(
    _ operands: [ReferenceTensor], _ axis: Int, _ shape: [Int]
  ) -> [Double] {
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    var result: [Double] = []
    result.reserveCapacity(shape.reduce(1, *))
    for block in 0..<outer {
      for operand in operands {
        let size = operand.shape[axis] * inner
        result += operand.elements[block * size..<(block + 1) * size]
      }
    }
    return result
  }
}

extension ReferenceTensor {
  /// A fold over axes; of nothing 0 for the sum, −∞ for the maximum.
  ///
  /// NaN wins the maximum.
  func reduced(
    _ fold: Operation.Reduction, over axes: [Int], to result: [Int]
  ) -> ReferenceTensor {
    var steps = [Int](repeating: 0, count: shape.count)
    let kept = shape.indices.filter { !axes.contains($0) }
    for (axis, step) in zip(kept, StridedWalk.strides(result)) { steps[axis] = step }
    let neutral: Double = fold == .sum ? 0 : -.infinity
    var total = ReferenceTensor(result, repeating: neutral)
    let walk = StridedWalk(shape, strides: steps)
    total.elements.withUnsafeMutableBufferPointer { total in
      elements.withUnsafeBufferPointer { elements in
        switch fold {
        case .sum: walk.forEach { index, offset in total[offset] += elements[index] }
        case .maximum:
          walk.forEach { index, offset in
            let x = elements[index]
            if x > total[offset] || x.isNaN { total[offset] = x }
          }
        }
      }
    }
    return total
  }

  /// The matrix product of this and another matrix, each transposed first if asked.
  ///
  /// Both are brought to row order, so that the inner loop runs over neighbors.
  func product(
    _ other: ReferenceTensor, _ left: Bool, _ right: Bool, _ result: [Int]
  ) -> ReferenceTensor {
    let a = left ? transposedElements : elements
    let b = right ? other.transposedElements : other.elements
    let (rows, columns) = (result[0], result[1])
    let inner = shape[left ? 0 : 1]
    var c = [Double](repeating: 0, count: rows * columns)
    c.withUnsafeMutableBufferPointer { c in
      b.withUnsafeBufferPointer { b in
        for row in 0..<rows {
          for k in 0..<inner {
            let factor = a[row * inner + k]
            let (target, source) = (row * columns, k * columns)
            var column = 0
            while column < columns {
              c[target + column] += factor * b[source + column]
              column += 1
            }
          }
        }
      }
    }
    return ReferenceTensor(result, c)
  }

  private var transposedElements: [Double] {
    StridedWalk([shape[1], shape[0]], strides: [1, shape[1]]).gather(elements)
  }
}
