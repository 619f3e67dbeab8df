/// Convolution, pooling and their adjoints in Double, as direct loops; inner loops are written with
/// `while`, which debug builds run several times faster than `for` over a range.

extension ConvolutionWindow {
  /// y[n, m] = Σ x[n, c] ⋆ filter[m, c].
  func convolve(
    _ x: ReferenceTensor, _ filter: ReferenceTensor, to shape: [Int]
  ) -> ReferenceTensor {
    var y = ReferenceTensor(shape, repeating: 0)
    y.elements.withUnsafeMutableBufferPointer { y in
      x.elements.withUnsafeBufferPointer { input in
        forEachRow(x: x.shape, y: shape) { row in
          let weight = filter.elements[row.tap]
          var place = 0
          while place < row.count {
            y[row.y + place] += weight * input[row.x + place * row.step]
            place += 1
          }
        }
      }
    }
    return y
  }

  /// The adjoint of ``convolve(_:_:to:)`` in x.
  func inputGradient(
    _ dy: ReferenceTensor, _ filter: ReferenceTensor, to shape: [Int]
  ) -> ReferenceTensor {
    var x = ReferenceTensor(shape, repeating: 0)
    x.elements.withUnsafeMutableBufferPointer { x in
      dy.elements.withUnsafeBufferPointer { output in
        forEachRow(x: shape, y: dy.shape) { row in
          let weight = filter.elements[row.tap]
          var place = 0
          while place < row.count {
            x[row.x + place * row.step] += weight * output[row.y + place]
            place += 1
          }
        }
      }
    }
    return x
  }

  /// The adjoint of ``convolve(_:_:to:)`` in the filter.
  func filterGradient(
    _ x: ReferenceTensor, _ dy: ReferenceTensor, to shape: [Int]
  ) -> ReferenceTensor {
    var filter = ReferenceTensor(shape, repeating: 0)
    x.elements.withUnsafeBufferPointer { input in
      dy.elements.withUnsafeBufferPointer { output in
        forEachRow(x: x.shape, y: dy.shape) { row in
          var total = 0.0
          var place = 0
          while place < row.count {
            total += input[row.x + place * row.step] * output[row.y + place]
            place += 1
          }
          filter.elements[row.tap] += total
        }
      }
    }
    return filter
  }

  /// The outputs of one row that one tap of the filter reaches inside x: offsets of the first, the
  /// step in x, how many.
  private struct Row {
    var tap = 0
    var x = 0
    var y = 0
    var step = 0
    var count = 0
  }

  /// Visits every product of the convolution, a row at a time.
  @inline(__always)
  private func forEachRow(x: [Int], y: [Int], _ body: (Row) -> Void) {
    let channels = x[1] / groups
    let filters = y[1] / groups
    let columns = (0..<kernel[1]).map { reach(1, tap: $0, x[3], y[3]) }
    let rows = (0..<kernel[0]).map { reach(0, tap: $0, x[2], y[2]) }
    for n in 0..<x[0] {
      for m in 0..<y[1] {
        for c in 0..<channels {
          let xPlane = (n * x[1] + m / filters * channels + c) * x[2]
          for tap in 0..<kernel[0] * kernel[1] {
            let (i, j) = (tap / kernel[1], tap % kernel[1])
            guard !columns[j].isEmpty else { continue }
            for h in rows[i] {
              let xRow = xPlane + h * strides[0] + i * dilations[0] - paddingLow[0]
              let first = columns[j].lowerBound
              body(
                Row(
                  tap: (m * channels + c) * kernel[0] * kernel[1] + tap,
                  x: xRow * x[3] + first * strides[1] + j * dilations[1] - paddingLow[1],
                  y: ((n * y[1] + m) * y[2] + h) * y[3] + first,
                  step: strides[1], count: columns[j].count))
            }
          }
        }
      }
    }
  }

  /// The outputs along an axis for which a tap falls inside the input.
  private func reach(_ axis: Int, tap: Int, _ extent: Int, _ outputs: Int) -> Range<Int> {
    let shift = tap * dilations[axis] - paddingLow[axis]
    let step = strides[axis]
    let first = shift >= 0 ? 0 : (-shift + step - 1) / step
    let end = extent > shift ? (extent - shift + step - 1) / step : 0
    return first..<max(first, min(end, outputs))
  }
}

extension PoolWindow {
  /// The sum over each window.
  func sum(_ x: ReferenceTensor, to shape: [Int]) -> ReferenceTensor {
    var y = ReferenceTensor(shape, repeating: 0)
    forEachWindow(x: x.shape, y: shape) { output, rows, columns, width in
      for row in rows {
        for column in columns { y.elements[output] += x.elements[row * width + column] }
      }
    }
    return y
  }

  /// The adjoint of ``sum(_:to:)``.
  func spread(_ dy: ReferenceTensor, to shape: [Int]) -> ReferenceTensor {
    var x = ReferenceTensor(shape, repeating: 0)
    forEachWindow(x: shape, y: dy.shape) { output, rows, columns, width in
      for row in rows {
        for column in columns { x.elements[row * width + column] += dy.elements[output] }
      }
    }
    return x
  }

  /// The element of t at the place of x's first maximum in each window.
  func selectMaximum(
    _ x: ReferenceTensor, _ t: ReferenceTensor, to shape: [Int]
  ) -> ReferenceTensor {
    var y = ReferenceTensor(shape, repeating: 0)
    forEachMaximum(x, y: shape) { output, place in y.elements[output] = t.elements[place] }
    return y
  }

  /// The adjoint of ``selectMaximum(_:_:to:)`` in t.
  func scatterMaximum(
    _ x: ReferenceTensor, _ dy: ReferenceTensor, to shape: [Int]
  ) -> ReferenceTensor {
    var result = ReferenceTensor(shape, repeating: 0)
    forEachMaximum(x, y: dy.shape) { output, place in
      result.elements[place] += dy.elements[output]
    }
    return result
  }

  /// Visits the first maximum of every window; the first NaN counts as the maximum.
  private func forEachMaximum(
    _ x: ReferenceTensor, y: [Int], _ body: (_ output: Int, _ place: Int) -> Void
  ) {
    forEachWindow(x: x.shape, y: y) { output, rows, columns, width in
      var best = rows.lowerBound * width + columns.lowerBound
      for row in rows {
        for column in columns {
          let candidate = x.elements[row * width + column]
          let leader = x.elements[best]
          if candidate > leader || candidate.isNaN && !leader.isNaN { best = row * width + column }
        }
      }
      body(output, best)
    }
  }

  /// Visits every window with its part inside x: rows counted over all planes, columns in a row.
  private func forEachWindow(
    x: [Int], y: [Int],
    _ body: (_ output: Int, _ rows: Range<Int>, _ columns: Range<Int>, _ width: Int) -> Void
  ) {
    let rows = (0..<y[2]).map { reach(0, output: $0, x[2]) }
    let columns = (0..<y[3]).map { reach(1, output: $0, x[3]) }
    var output = 0
    for plane in 0..<x[0] * x[1] {
      let base = plane * x[2]
      for row in rows {
        for column in columns {
          body(output, base + row.lowerBound..<base + row.upperBound, column, x[3])
          output += 1
        }
      }
    }
  }

  private func reach(_ axis: Int, output: Int, _ extent: Int) -> Range<Int> {
    let start = output * strides[axis] - paddingLow[axis]
    let lower = min(max(start, 0), extent)
    return lower..<max(lower, min(start + kernel[axis], extent))
  }
}
