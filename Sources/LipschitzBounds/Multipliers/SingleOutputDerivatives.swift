import MatrixProducts

/// The derivatives of f and −log det K of a ``SingleOutputSearch`` by log λ at one point.
struct SingleOutputDerivatives {
  /// Newton's direction for f − μ log det K, and the derivative along it.
  struct Step {
    let direction: [Double]
    let slope: Double
  }

  /// Hessians, of which the lower triangles are valid, and gradients.
  private var ofSquare: (hessian: SquareMatrix, gradient: [Double])
  private var ofLogarithm: (hessian: SquareMatrix, gradient: [Double])

  /// Cost: about 2 n³ multiplications for n neurons.
  init(_ search: SingleOutputSearch, at point: SingleOutputSearch.Point) {
    let n = point.multipliers.count
    let (lambda, u) = (point.multipliers, point.values.u)
    let excess = zip(point.values.z, u).map { $0 - 2 * $1 }
    let reads = search.reads(lambda)
    // S, NS and NSNᵀ.
    let inverse = SquareMatrix.inverse(fromFactor: point.factor, .single)
    let images = reads.times(symmetric: inverse, .single)
    let squares = images.times(transposeOf: reads, part: .lower, .single)
    var (square, logarithm) = (SquareMatrix(order: n), SquareMatrix(order: n))
    for i in 0..<n {
      let scale = 2 * lambda[i]
      for j in 0...i {
        let s = inverse.elements.span[unchecked: i * n + j]
        let (a, b) = (
          images.elements.span[unchecked: i * n + j], images.elements.span[unchecked: j * n + i]
        )
        let t =
          search.gram.elements.span[unchecked: i * n + j]
          + squares.elements.span[unchecked: i * n + j]
        square[i, j] =
          scale * lambda[j]
          * (u[j] * (u[i] * t + excess[i] * b) + excess[j] * (excess[i] * s + u[i] * a))
        logarithm[i, j] = scale * lambda[j] * (s * (s - a - b + t) + (s - a) * (s - b))
      }
    }
    ofSquare = (square, (0..<n).map { 2 * lambda[$0] * u[$0] * (excess[$0] + u[$0]) })
    ofLogarithm = (
      logarithm, (0..<n).map { -2 * lambda[$0] * (inverse[$0, $0] - images[$0, $0]) }
    )
  }

  /// Without the negative part of what the logarithm adds to the Hessian; nil if rounding makes it indefinite.
  ///
  /// Cost: about n³/6 multiplications.
  func step(barrier: Double) -> Step? {
    var hessian = ofSquare.hessian.plus(ofLogarithm.hessian, times: barrier)
    let gradient = zip(ofSquare.gradient, ofLogarithm.gradient).map { $0 + barrier * $1 }
    let trace = gradient.indices.reduce(0) { $0 + hessian[$1, $1] }
    for i in gradient.indices { hessian[i, i] += max(0, gradient[i]) + 1e-12 * trace }
    guard let factor = hessian.choleskyFactor(.single) else { return nil }
    let direction = factor.solved(gradient).map { -$0 }
    let slope = zip(direction, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    return Step(direction: direction, slope: slope)
  }
}
