import MatrixProducts

extension NeuronForm {
  /// The form with the argument in coordinates of the space that is read of it, where these are fewer.
  ///
  /// L with L Lᵀ about B Bᵀ takes the place of the rows B that read it, so this is an estimate only.
  func reduced(_ workers: Workers) -> NeuronForm {
    let rows = inputRows
    let count = neurons + outputs
    let read = (0..<count).filter { row in
      rows[row * inputs..<(row + 1) * inputs].contains { $0 != 0 }
    }
    guard read.count < inputs, !read.isEmpty else { return self }
    var packed: [Double] = []
    for row in read { packed += rows[row * inputs..<(row + 1) * inputs] }
    var gram = SquareMatrix(order: read.count)
    gram.forEachBlock(workers) { [packed] from, to, base in
      packed.withUnsafeBufferPointer { b in
        guard let b = b.baseAddress else { return }
        let view = MatrixView(b, rowStride: inputs)
        MatrixProduct.accumulate(
          view.from(from, 0), view, rows: to - from, columns: read.count, inner: inputs,
          into: base + from * read.count, stride: read.count)
      }
    }
    let trace = read.indices.reduce(0) { $0 + gram[$1, $1] }
    // Rows may depend on each other.
    for i in read.indices { gram[i, i] += 1e-13 * trace }
    guard let factor = gram.choleskyFactor(workers) else { return self }
    return withInputs(
      of: read.count, rows: Dictionary(uniqueKeysWithValues: zip(read, factor.rows)))
  }

  /// The form with other coordinates of the argument.
  private func withInputs(of count: Int, rows: [Int: ArraySlice<Double>]) -> NeuronForm {
    func replaced(_ list: [Term], first: Int, height: Int) -> [Term] {
      list.map { term in
        guard term.source == 0 else { return term }
        var elements: [Double] = []
        for row in first..<first + height {
          elements += rows[row] ?? ArraySlice(repeating: 0, count: count)
        }
        return Term(source: 0, elements: elements, error: term.error)
      }
    }
    let shift = inputs - count
    return NeuronForm(
      blocks: [0..<count]
        + blocks.dropFirst().map { $0.lowerBound - shift..<$0.upperBound - shift },
      terms: terms.enumerated().map { block, list in
        let range = blocks[block + 1]
        return replaced(list, first: range.lowerBound - inputs, height: range.count)
      },
      output: replaced(output, first: neurons, height: outputs), outputs: outputs)
  }
}

extension SquareMatrix {
  fileprivate var rows: [ArraySlice<Double>] {
    (0..<order).map { elements[$0 * order..<($0 + 1) * order] }
  }
}
