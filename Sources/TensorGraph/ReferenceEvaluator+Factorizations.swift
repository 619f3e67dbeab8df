/// The factorization of a matrix and the solution of triangular systems, in Double.

extension ReferenceTensor {
  /// L with L Lᵀ = (A + Aᵀ)/2, row by row (Cholesky and Banachiewicz).
  var choleskyFactor: ReferenceTensor {
    let n = shape[0]
    var factor = ReferenceTensor(shape, repeating: 0)
    for row in 0..<n {
      for column in 0...row {
        var rest = (elements[row * n + column] + elements[column * n + row]) / 2
        for inner in 0..<column {
          rest -= factor.elements[row * n + inner] * factor.elements[column * n + inner]
        }
        let pivot = factor.elements[column * n + column]
        factor.elements[row * n + column] = row == column ? rest.squareRoot() : rest / pivot
      }
    }
    return factor
  }

  /// L⁻¹ B, or L⁻ᵀ B, by substitution; elements of L above its diagonal are not read.
  func solve(_ right: ReferenceTensor, transposed: Bool) -> ReferenceTensor {
    let (n, columns) = (right.shape[0], right.shape[1])
    var x = right.elements
    for step in 0..<n {
      let row = transposed ? n - 1 - step : step
      for known in transposed ? row + 1..<n : 0..<row {
        let factor = transposed ? elements[known * n + row] : elements[row * n + known]
        for column in 0..<columns {
          x[row * columns + column] -= factor * x[known * columns + column]
        }
      }
      for column in 0..<columns { x[row * columns + column] /= elements[row * n + row] }
    }
    return ReferenceTensor(right.shape, x)
  }
}
