import Enclosure

/// A dense matrix, row-major, within `error` of the exact one in the spectral norm.
struct MatrixBall: Sendable {
  let rows: Int
  let columns: Int
  private(set) var elements: [Double]
  private(set) var error: UpperBound

  /// No matrix may have more elements.
  static let mostElements = 1 << 26

  /// The identity.
  init(identity count: Int) {
    self.init(rows: count, columns: count)
    for i in 0..<count { elements[i * count + i] = 1 }
  }

  private init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    elements = Array(repeating: 0, count: rows * columns)
    error = .zero
  }

  /// Times a layer's matrix: |fl(RA) − RA| ≤ γ|R||A|, and as much again for each unit roundoff that
  /// its coefficients are off.
  func times(_ map: LinearMap) -> MatrixBall {
    var result = MatrixBall(rows: rows, columns: map.inputs)
    for row in 0..<rows {
      let offset = row * map.inputs
      for k in 0..<columns {
        let factor = elements[row * columns + k]
        guard factor != 0 else { continue }
        map.visit(k) { result.elements[offset + $0] += factor * $1 }
      }
    }
    let profile = map.profile
    let rounding =
      AccumulatedError.gamma(profile.columnCount + 1) + UpperBound(proven: map.coefficientError)
    result.error =
      error * profile.absoluteNorm * UpperBound(proven: 1 + map.coefficientError) + rounding
      * absoluteNorm
      * profile.absoluteNorm + underflow
    return result
  }

  /// The columns at some places, in their order: times the map that puts elements there.
  func selecting(_ places: [Int32]) -> MatrixBall {
    var result = MatrixBall(rows: rows, columns: places.count)
    for row in 0..<rows {
      for (index, place) in places.enumerated() {
        result.elements[row * places.count + index] = elements[row * columns + Int(place)]
      }
    }
    result.error = error
    return result
  }

  /// The sum with a matrix of equal size.
  func plus(_ other: MatrixBall) -> MatrixBall {
    var result = self
    for i in elements.indices { result.elements[i] += other.elements[i] }
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    result.error = error + other.error + unit * (absoluteNorm + other.absoluteNorm)
    return result
  }

  /// A number times the matrix.
  func scaled(by factor: Double) -> MatrixBall {
    var result = self
    for i in elements.indices { result.elements[i] *= factor }
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    let size = UpperBound(proven: factor.magnitude)
    result.error = size * (error + unit * absoluteNorm) + underflow
    return result
  }

  /// Bounds ‖|R|‖ by the root of the product of the largest sums of a row and a column.
  private var absoluteNorm: UpperBound {
    var sums = Array(repeating: 0.0, count: columns)
    var largest = 0.0
    for row in 0..<rows {
      var sum = 0.0
      for column in 0..<columns {
        let size = elements[row * columns + column].magnitude
        sum += size
        sums[column] += size
      }
      largest = max(largest, sum)
    }
    let rounding = UpperBound.one + AccumulatedError.gamma(2 * max(rows, columns) + 4)
    let product = UpperBound(proven: largest) * UpperBound(proven: sums.max() ?? 0)
    return product.squareRoot() * rounding
  }

  /// Products that underflow, far fewer than 2⁹⁰.
  private var underflow: UpperBound { UpperBound(proven: 0x1p-900) }

  /// Bounds the distance of two rows.
  func distance(_ i: Int, _ j: Int) -> UpperBound {
    let differences = (0..<columns).map {
      elements[i * columns + $0] - elements[j * columns + $0]
    }
    // ‖(eᵢ − eⱼ)ᵀE‖ ≤ √2·‖E‖.
    return AccumulatedError.euclideanNorm(differences, roundings: 1).upper
      + UpperBound(proven: 2).squareRoot() * error
  }

  /// Whether the norm is certainly at most a number.
  func isBounded(by claim: Double) -> Bool {
    let rest = DirectedRounding.addDown(claim, -error.value)
    return rest >= 0 && NormCheck.isBounded(LinearMap(full: elements, inputs: columns), by: rest)
  }
}
