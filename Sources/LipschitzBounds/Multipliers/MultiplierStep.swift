import MatrixProducts

/// One step of the search: the Newton system at a point and how far it can be followed.
struct MultiplierStep {
  private let form: NeuronForm
  private let point: MultiplierSearch.Point
  private let outputSquare: SquareMatrix
  private let workers: Workers
  /// M, its inverse X, and X Wᵀ and Z Wᵀ, of which column i belongs to neuron i.
  private let matrix: SquareMatrix
  private let inverse: SquareMatrix
  private let inverseImages: NeuronColumns
  /// The factor of the Newton system, whose diagonal has been scaled to 1.
  private let system: SquareMatrix
  private let scale: [Double]
  /// tr(MZ).
  let gap: Double
  /// The largest violation of a constraint of Z.
  let infeasibility: Double

  /// Nil if rounding errors end the search.
  init?(
    _ form: NeuronForm, _ point: MultiplierSearch.Point, _ outputSquare: SquareMatrix,
    _ workers: Workers
  ) {
    let matrix = Self.matrix(form, point.multipliers, point.square, outputSquare)
    guard let factor = matrix.choleskyFactor(workers) else { return nil }
    let inverse = SquareMatrix.inverse(fromFactor: factor, workers)
    let (x, z) = (
      NeuronColumns(inverse, form, workers), NeuronColumns(point.dual, form, workers)
    )
    var system = Self.newtonSystem(form, inverse, x, point.dual, z, workers)
    scale = (0..<system.order).map { 1 / system[$0, $0].squareRoot() }
    for i in 0..<system.order {
      for j in 0..<system.order { system[i, j] *= scale[i] * scale[j] }
    }
    guard scale.allSatisfy(\.isFinite), let factored = system.choleskyFactor(workers) else {
      return nil
    }
    (self.form, self.point, self.outputSquare, self.workers) = (form, point, outputSquare, workers)
    (self.matrix, self.inverse, inverseImages, self.system) = (matrix, inverse, x, factored)
    gap = matrix.trace(with: point.dual)
    let constraints = Self.adjoint(form, point.dual, z)
    infeasibility = zip(constraints, constraints.indices).reduce(0) {
      max($0, abs($1.0 - ($1.1 == form.neurons ? 1 : 0)))
    }
  }

  /// The point at the end of the step; nil if rounding errors end the search.
  func next() -> MultiplierSearch.Point? {
    let coordinates = Double(form.order)
    let mean = gap / coordinates
    let predictor = direction(target: 0, correction: nil)
    let (primal, dual) = lengths(along: predictor)
    let ahead = matrix.plus(predictor.matrix, times: primal).trace(
      with: point.dual.plus(predictor.dual, times: dual))
    let ratio = ahead / coordinates / mean
    let centering = min(1, max(1e-3, ratio > 0 ? ratio * ratio : 0))
    var correction = predictor.image.times(symmetric: predictor.dual, workers)
    correction.symmetrize()
    let corrector = direction(target: centering * mean, correction: correction)
    let (first, second) = lengths(along: corrector)
    guard first > 1e-8, second > 1e-8 else { return nil }
    let multipliers = zip(point.multipliers, corrector.multipliers).map { $0 + first * $1 }
    return MultiplierSearch.Point(
      multipliers: multipliers, square: point.square + first * corrector.multipliers[form.neurons],
      dual: point.dual.plus(corrector.dual, times: second))
  }

  private struct Direction {
    /// Changes of λ, and that of ρ at the end.
    let multipliers: [Double]
    let matrix: SquareMatrix
    /// X dM.
    let image: SquareMatrix
    let dual: SquareMatrix
  }

  /// The direction to X⁻¹ = M with MZ = `target`·I, less a correction of second order.
  private func direction(target: Double, correction: SquareMatrix?) -> Direction {
    var right = Self.adjoint(form, inverse, inverseImages).map { $0 * target }
    right[form.neurons] -= 1
    if let correction {
      let images = NeuronColumns(correction, form, workers)
      for (i, value) in Self.adjoint(form, correction, images).enumerated() { right[i] -= value }
    }
    let scaled = system.solved(zip(right, scale).map { $0 * $1 })
    let change = zip(scaled, scale).map { $0 * $1 }
    let matrix = Self.matrix(
      form, Array(change.dropLast()), change[form.neurons], SquareMatrix(order: form.order))
    let image = image(of: change)
    var dual = image.times(symmetric: point.dual, workers)
    dual.symmetrize()
    let left = dual.elements
    for i in dual.elements.indices {
      dual.elements[i] = target * inverse.elements[i] - point.dual.elements[i] - left[i]
      if let correction { dual.elements[i] -= correction.elements[i] }
    }
    return Direction(multipliers: change, matrix: matrix, image: image, dual: dual)
  }

  /// X dM for a change of λ and ρ, block by block: column i of a neuron is λᵢ(2Xeᵢ − Xwᵢ), and Σ λᵢXeᵢwᵢᵀ is
  /// subtracted.
  private func image(of change: [Double]) -> SquareMatrix {
    let (order, inputs) = (form.order, form.inputs)
    var image = SquareMatrix(order: order)
    image.forEachBlock(of: workers.share(of: order), workers) { from, to, base in
      var scaled = Array(repeating: 0.0, count: (to - from) * order)
      for i in from..<to {
        for j in 0..<inputs { base[i * order + j] = change[form.neurons] * inverse[i, j] }
        for j in inputs..<order {
          let product = change[j - inputs] * inverse[i, j]
          scaled[(i - from) * order + j] = product
          base[i * order + j] = 2 * product - change[j - inputs] * inverseImages[i, j - inputs]
        }
      }
      for (index, terms) in form.terms.enumerated() {
        let rows = form.blocks[index + 1]
        for term in terms {
          let columns = form.blocks[term.source]
          scaled.withUnsafeBufferPointer { x in
            term.elements.withUnsafeBufferPointer { w in
              guard let x = x.baseAddress, let w = w.baseAddress else { return }
              MatrixProduct.accumulate(
                MatrixView(x + rows.lowerBound, rowStride: order),
                MatrixView(w, rowStride: 1, columnStride: columns.count), rows: to - from,
                columns: columns.count, inner: rows.count,
                into: base + from * order + columns.lowerBound, stride: order, isSubtracted: true)
            }
          }
        }
      }
    }
    return image
  }

  /// How far M and Z may go along a direction.
  private func lengths(along direction: Direction) -> (primal: Double, dual: Double) {
    let ways = [(matrix, direction.matrix), (point.dual, direction.dual)]
    let lengths = workers.map(ways.count) { Self.length(of: ways[$0].0, along: ways[$0].1) }
    return (lengths[0], lengths[1])
  }

  /// How far one may go along a direction with the sum positive definite, less a tenth; at most 1.
  private static func length(of start: SquareMatrix, along direction: SquareMatrix) -> Double {
    var length = 1.0
    while length > 1e-9 {
      if start.plus(direction, times: length).choleskyFactor(.single) != nil {
        return length == 1 ? 1 : 0.9 * length
      }
      length *= 0.8
    }
    return 0
  }
}

extension MultiplierStep {
  /// M(λ, ρ), or its derivative where `outputSquare` is 0.
  static func matrix(
    _ form: NeuronForm, _ multipliers: [Double], _ square: Double, _ outputSquare: SquareMatrix
  ) -> SquareMatrix {
    var matrix = SquareMatrix(order: form.order)
    for i in matrix.elements.indices { matrix.elements[i] = -outputSquare.elements[i] }
    for i in form.blocks[0] { matrix[i, i] += square }
    for (index, terms) in form.terms.enumerated() {
      let rows = form.blocks[index + 1]
      for i in rows { matrix[i, i] += 2 * multipliers[i - form.inputs] }
      for term in terms {
        let columns = form.blocks[term.source]
        for (r, i) in rows.enumerated() {
          let lambda = multipliers[i - form.inputs]
          let (place, first) = (i * form.order + columns.lowerBound, r * columns.count)
          for c in 0..<columns.count {
            let product = lambda * term.elements[first + c]
            matrix.elements[place + c] -= product
            matrix.elements[(columns.lowerBound + c) * form.order + i] -= product
          }
        }
      }
    }
    return matrix
  }

  /// tr(Aᵢ S) of the derivatives of M by each λ, 2(eᵢ·Seᵢ − eᵢ·Swᵢ), and by ρ.
  static func adjoint(_ form: NeuronForm, _ s: SquareMatrix, _ images: NeuronColumns) -> [Double] {
    var result = (0..<form.neurons).map { i in
      let place = form.inputs + i
      return 2 * (s[place, place] - images[place, i])
    }
    result.append(form.blocks[0].reduce(0) { $0 + s[$1, $1] })
    return result
  }

  /// tr(Aᵢ X Aⱼ Z) for the derivatives of M by the multipliers, and by ρ in the last row.
  static func newtonSystem(
    _ form: NeuronForm, _ x: SquareMatrix, _ xw: NeuronColumns, _ z: SquareMatrix,
    _ zw: NeuronColumns, _ workers: Workers
  ) -> SquareMatrix {
    let (n, inputs) = (form.neurons, form.inputs)
    let (xSquares, zSquares) = (xw.squares(form, workers), zw.squares(form, workers))
    var system = SquareMatrix(order: n + 1)
    system.forEachBlock(workers) { from, to, base in
      for i in from..<min(to, n) {
        for j in 0...i {
          let (p, q) = (inputs + i, inputs + j)
          // eᵢ·X qⱼ and so on; q = e − w.
          let (xEQ, xQE) = (x[p, q] - xw[p, j], x[q, p] - xw[q, i])
          let (zEQ, zQE) = (z[p, q] - zw[p, j], z[q, p] - zw[q, i])
          let xQQ = xEQ - xw[q, i] + xSquares[i, j]
          let zQQ = zEQ - zw[q, i] + zSquares[i, j]
          base[i * (n + 1) + j] = xQE * zEQ + xQQ * z[p, q] + x[p, q] * zQQ + xEQ * zQE
        }
      }
    }
    for i in 0..<n {
      let p = inputs + i
      var sum = 0.0
      for k in 0..<inputs {
        sum += x[k, p] * (z[k, p] - zw[k, i]) + (x[k, p] - xw[k, i]) * z[k, p]
      }
      system[n, i] = sum
    }
    for k in 0..<inputs {
      for l in 0..<inputs { system[n, n] += x[k, l] * z[l, k] }
    }
    for i in 0...n {
      for j in 0..<i { system[j, i] = system[i, j] }
    }
    return system
  }
}
