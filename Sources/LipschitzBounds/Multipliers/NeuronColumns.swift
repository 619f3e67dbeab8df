import MatrixProducts

/// S Wᵀ for a symmetric matrix S, [coordinates, neurons].
struct NeuronColumns {
  private let neurons: Int
  private let elements: [Double]

  init(_ matrix: SquareMatrix, _ form: NeuronForm, _ workers: Workers) {
    let (order, neurons) = (form.order, form.neurons)
    var elements = Array(repeating: 0.0, count: order * neurons)
    let share = workers.share(of: order)
    elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress
      workers.forEach((order + share - 1) / share) { unit in
        let (from, to) = (unit * share, min(order, (unit + 1) * share))
        for (block, terms) in form.terms.enumerated() {
          let columns = form.blocks[block + 1]
          for term in terms {
            let source = form.blocks[term.source]
            matrix.elements.withUnsafeBufferPointer { s in
              term.elements.withUnsafeBufferPointer { w in
                guard let base, let s = s.baseAddress, let w = w.baseAddress else { return }
                MatrixProduct.accumulate(
                  MatrixView(s + from * order + source.lowerBound, rowStride: order),
                  MatrixView(w, rowStride: source.count), rows: to - from, columns: columns.count,
                  inner: source.count,
                  into: base + from * neurons + columns.lowerBound - form.inputs, stride: neurons)
              }
            }
          }
        }
      }
    }
    (self.neurons, self.elements) = (neurons, elements)
  }

  subscript(coordinate: Int, neuron: Int) -> Double { elements[coordinate * neurons + neuron] }

  /// W S Wᵀ.
  func squares(_ form: NeuronForm, _ workers: Workers) -> SquareMatrix {
    var result = SquareMatrix(order: neurons)
    let neurons = neurons
    let units = form.terms.indices.flatMap { block in
      stride(from: 0, to: form.blocks[block + 1].count, by: SquareMatrix.share).map { (block, $0) }
    }
    result.elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress
      workers.forEach(units.count) { unit in
        let (block, first) = units[unit]
        let rows = form.blocks[block + 1]
        for term in form.terms[block] {
          let source = form.blocks[term.source]
          elements.withUnsafeBufferPointer { g in
            term.elements.withUnsafeBufferPointer { w in
              guard let base, let g = g.baseAddress, let w = w.baseAddress else { return }
              MatrixProduct.accumulate(
                MatrixView(w + first * source.count, rowStride: source.count),
                MatrixView(g + source.lowerBound * neurons, rowStride: 1, columnStride: neurons),
                rows: min(SquareMatrix.share, rows.count - first), columns: neurons,
                inner: source.count,
                into: base + (rows.lowerBound - form.inputs + first) * neurons, stride: neurons)
            }
          }
        }
      }
    }
    return result
  }
}
