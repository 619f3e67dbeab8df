import Enclosure

/// The matrix of a composed linear map in Double: A = 2^exponent · (Â + E) with ‖E‖ ≤ `error`.
///
/// It is built row by row: a row of R·A is Aᵀ applied to a row of R. If the coefficients of A have the error
/// e_A, the error of the product is at most ‖E_R‖·‖|A|‖ + γ ‖|R|‖·‖|A|‖ + (‖|R|‖ + ‖E_R‖)·e_A.
struct ExplicitMatrix {
  let rows: Int
  let columns: Int
  /// Row-major; the largest magnitude lies in [1, 2), or all are 0.
  private(set) var elements: [Double]
  private(set) var exponent: Int
  private(set) var error: UpperBound

  init(identity count: Int) {
    rows = count
    columns = count
    elements = Array(repeating: 0, count: count * count)
    for index in 0..<count { elements[index * count + index] = 1 }
    exponent = 0
    error = .zero
  }

  private init?(
    rows: Int, columns: Int, elements: [Double], exponent: Int, error: UpperBound
  ) {
    self.rows = rows
    self.columns = columns
    let largest = elements.reduce(0) { max($0, $1.magnitude) }
    guard largest.isFinite, error.isFinite else { return nil }
    guard largest > 0 else {
      (self.elements, self.exponent, self.error) = (elements, exponent, error)
      return
    }
    let shift = Int(largest.exponent)
    guard abs(shift) < 900 else { return nil }
    let factor = Double(sign: .plus, exponent: -shift, significand: 1)
    self.elements = shift == 0 ? elements : elements.map { $0 * factor }
    self.exponent = exponent + shift
    self.error = error * UpperBound(proven: factor) + UpperBound(proven: 0x1p-900)
  }

  /// The matrix as a block, whose norm differs from the exact one by at most ``error``.
  var block: DenseBlock { DenseBlock(rows: rows, columns: columns, elements: elements) }

  /// This matrix times the layer's, or times its transpose; nil if numbers leave the range.
  func times(_ layer: WeightedOperator, isTransposed: Bool) -> ExplicitMatrix? {
    let width = isTransposed ? layer.rows : layer.columns
    var product: [Double] = []
    product.reserveCapacity(rows * width)
    for row in 0..<rows {
      let part = Array(elements[row * columns..<(row + 1) * columns])
      product += layer.apply(part, isTransposed: !isTransposed)
    }
    let size = block.magnitude
    let rounding = AccumulatedError.gamma(layer.terms + 2) * size * layer.magnitude
    let total =
      error * layer.magnitude + rounding + (size + error) * layer.coefficientError
      + UpperBound(proven: 0x1p-900)
    return ExplicitMatrix(
      rows: rows, columns: width, elements: product, exponent: exponent + layer.exponent,
      error: total)
  }

  /// The sum of two matrices of the same shape.
  func plus(_ other: ExplicitMatrix) -> ExplicitMatrix? {
    let low = exponent >= other.exponent ? other : self
    let high = exponent >= other.exponent ? self : other
    let shift = low.exponent - high.exponent
    guard shift > -900 else { return nil }
    let factor = Double(sign: .plus, exponent: shift, significand: 1)
    let sum = zip(high.elements, low.elements).map { $0 + $1 * factor }
    let sizes = high.block.magnitude + low.block.magnitude
    let unit = AccumulatedError.gamma(2) * sizes + UpperBound(proven: 0x1p-900)
    return ExplicitMatrix(
      rows: rows, columns: columns, elements: sum, exponent: high.exponent,
      error: high.error + low.error * UpperBound(proven: factor) + unit)
  }

  /// A number times the matrix.
  func scaled(by number: Double) -> ExplicitMatrix? {
    let unit = AccumulatedError.gamma(1) * block.magnitude * UpperBound(proven: number.magnitude)
    return ExplicitMatrix(
      rows: rows, columns: columns, elements: elements.map { $0 * number }, exponent: exponent,
      error: error * UpperBound(proven: number.magnitude) + unit)
  }

  /// Bounds ‖rᵢ − rⱼ‖ for two rows.
  func distance(_ i: Int, _ j: Int) -> UpperBound {
    let (a, b) = (
      elements[i * columns..<(i + 1) * columns], elements[j * columns..<(j + 1) * columns]
    )
    let differences = zip(a, b).map { $0 - $1 }
    let computed = AccumulatedError.euclideanNorm(differences, roundings: 1).upper
    return (computed + error * .rootTwo).scaled(byPowerOfTwo: exponent)
  }
}

extension UpperBound {
  /// The bound times 2^exponent, rounded up.
  func scaled(byPowerOfTwo exponent: Int) -> UpperBound {
    // For exponents far below the range a larger one is taken, so that neither half becomes 0.
    let exponent = max(exponent, -2000)
    let half = exponent / 2
    return self * UpperBound(proven: Double(sign: .plus, exponent: half, significand: 1))
      * UpperBound(proven: Double(sign: .plus, exponent: exponent - half, significand: 1))
  }
}

extension LowerBound {
  /// The bound times 2^exponent, rounded down.
  func scaled(byPowerOfTwo exponent: Int) -> LowerBound {
    let half = exponent / 2
    return self * LowerBound(proven: Double(sign: .plus, exponent: half, significand: 1))
      * LowerBound(proven: Double(sign: .plus, exponent: exponent - half, significand: 1))
  }
}
