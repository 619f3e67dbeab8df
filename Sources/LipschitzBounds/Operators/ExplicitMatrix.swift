import Enclosure
import MatrixProducts

/// The matrix of a composed linear map in Double: A = 2^exponent · (Â + E) with ‖E‖ ≤ `error`.
///
/// It is built row by row: a row of R·A is Aᵀ applied to a row of R. If the coefficients of A have the error
/// e_A, the error of the product is at most ‖E_R‖·‖|A|‖ + γ ‖|R|‖·‖|A|‖ + (‖|R|‖ + ‖E_R‖)·e_A.
struct ExplicitMatrix {
  /// The largest magnitude lies between 2⁻⁶⁴ and 2⁶⁴, or all elements are 0.
  private let matrix: PanelMatrix
  let exponent: Int
  let error: UpperBound
  /// Whether it is the identity, whose products are exact.
  private var isIdentity = false
  /// Norms are claimed with 2^room times the error, so that a checker that multiplies in another order can
  /// prove them even where the products cancel.
  static let room = 6

  private static let largestShift = 64
  /// Matrices with fewer rows are bounded as plain matrices, for which there are closed forms.
  private static let fewRows = 16

  init(identity count: Int, _ workers: Workers) {
    (matrix, exponent, error) = (PanelMatrix(identity: count, workers), 0, .zero)
    isIdentity = true
  }

  private init?(
    _ matrix: PanelMatrix, exponent: Int, error: UpperBound, _ workers: Workers
  ) {
    guard matrix.largest.isFinite, error.isFinite else { return nil }
    let shift = matrix.largest > 0 ? Int(matrix.largest.exponent) : 0
    guard abs(shift) < 900 else { return nil }
    if abs(shift) <= Self.largestShift {
      (self.matrix, self.exponent, self.error) = (matrix, exponent, error)
      return
    }
    let factor = Double(sign: .plus, exponent: -shift, significand: 1)
    self.matrix = matrix.times(factor, workers)
    self.exponent = exponent + shift
    self.error = error * UpperBound(proven: factor) + UpperBound(proven: 0x1p-900)
  }

  /// A matrix without error.
  init(exactly matrix: PanelMatrix) { (self.matrix, exponent, error) = (matrix, 0, .zero) }

  var rows: Int { matrix.rows }
  var columns: Int { matrix.columns }
  var count: Int { rows * columns }
  /// Bounds ‖ |Â| ‖.
  var magnitude: UpperBound { matrix.magnitude }

  /// The elements of the transpose with the exponent applied, row-major.
  var transposedElements: [Double] {
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    var result = Array(repeating: 0.0, count: count)
    for i in 0..<rows {
      for (j, value) in matrix.row(i).enumerated() { result[j * rows + i] = value * factor }
    }
    return result
  }

  /// A matrix with the same exponent.
  func replaced(
    by matrix: PanelMatrix, error: UpperBound, _ workers: Workers
  ) -> ExplicitMatrix? {
    ExplicitMatrix(matrix, exponent: exponent, error: error, workers)
  }

  /// A matrix with as many rows; `column` gives 16 rows of a column from those of all columns.
  func columnsMapped(
    _ count: Int, _ workers: Workers,
    _ column: @Sendable (UnsafePointer<Double>, Int) -> SIMD16<Double>
  ) -> PanelMatrix {
    PanelMatrix(rows: rows, columns: count, workers) { panel, image in
      matrix.withPanel(panel) { place in
        for j in 0..<count { Lanes.store(column(place, j), image, j) }
      }
    }
  }

  /// The matrix as a block, whose norm differs from the exact one by at most ``error``.
  var block: any LinearBlock {
    rows > Self.fewRows
      ? matrix : DenseBlock(rows: rows, columns: columns, elements: matrix.rowMajor)
  }

  /// This matrix times the layer's, or times its transpose; nil if numbers leave the range.
  func times(
    _ layer: WeightedOperator, isTransposed: Bool, _ workers: Workers
  ) -> ExplicitMatrix? {
    let product = PanelProduct(layer, isTransposed: !isTransposed)
    // The positions of an image are divided among the workers if there are too few panels.
    let inner = rows > Self.fewRows * workers.count ? Workers.single : workers
    let image = PanelMatrix(rows: rows, columns: product.columns, workers) { panel, place in
      matrix.withPanel(panel) { product.apply($0, place, inner) }
    }
    let size = matrix.magnitude
    let rounding =
      isIdentity && layer.isExactOnUnitVectors
      ? .zero : AccumulatedError.gamma(layer.terms + 2) * size * layer.magnitude
    let total =
      error * layer.magnitude + rounding + (size + error) * layer.coefficientError
      + UpperBound(proven: 0x1p-900)
    return ExplicitMatrix(image, exponent: exponent + layer.exponent, error: total, workers)
  }

  /// The sum of two matrices of the same shape.
  func plus(_ other: ExplicitMatrix, _ workers: Workers) -> ExplicitMatrix? {
    let low = exponent >= other.exponent ? other : self
    let high = exponent >= other.exponent ? self : other
    let shift = low.exponent - high.exponent
    guard shift > -900 else { return nil }
    let factor = Double(sign: .plus, exponent: shift, significand: 1)
    let sum = high.matrix.plus(low.matrix, times: factor, workers)
    let sizes = high.matrix.magnitude + low.matrix.magnitude * UpperBound(proven: factor)
    let unit = AccumulatedError.gamma(2) * sizes + UpperBound(proven: 0x1p-900)
    return ExplicitMatrix(
      sum, exponent: high.exponent,
      error: high.error + low.error * UpperBound(proven: factor) + unit, workers)
  }

  /// A number times the matrix.
  func scaled(by number: Double, _ workers: Workers) -> ExplicitMatrix? {
    let size = UpperBound(proven: number.magnitude)
    let unit = AccumulatedError.gamma(1) * matrix.magnitude * size + UpperBound(proven: 0x1p-900)
    return ExplicitMatrix(
      matrix.times(number, workers), exponent: exponent, error: error * size + unit, workers)
  }

  /// Bounds ‖rᵢ − rⱼ‖ for every two rows, [rows, rows] row-major.
  func distances(_ workers: Workers) -> [UpperBound] {
    let elements = matrix.rowMajor
    let found = workers.map(rows) { i in
      (0..<i).map { j in
        let square = elements.withUnsafeBufferPointer { base -> Double in
          guard let base = base.baseAddress else { return 0 }
          return VectorKernels.squaredDistance(base + i * columns, base + j * columns, columns)
        }
        // Each difference is rounded once, which counts twice in its square.
        let computed = UpwardSum.root(ofSquares: square, count: columns + 2)
        return (computed + (error * .rootTwo).scaled(byPowerOfTwo: Self.room))
          .scaled(byPowerOfTwo: exponent)
      }
    }
    return (0..<rows * rows).map { index in
      let (i, j) = (index / rows, index % rows)
      return i == j ? .zero : found[max(i, j)][min(i, j)]
    }
  }
}

extension PanelMatrix {
  /// Each element times a number, rounded to nearest.
  fileprivate func times(_ number: Double, _ workers: Workers) -> PanelMatrix {
    let columns = columns
    return mapped(workers) { place, _, image in
      Lanes.scale(place, by: number, to: image, 0..<columns)
    }
  }

  /// The sum with a multiple of another matrix of the same shape; each element is rounded twice.
  fileprivate func plus(
    _ other: PanelMatrix, times factor: Double, _ workers: Workers
  ) -> PanelMatrix {
    let columns = columns
    return mapped(workers) { place, panel, image in
      other.withPanel(panel) { second in
        for j in 0..<columns {
          Lanes.store(Lanes.load(place, j) + Lanes.load(second, j) * factor, image, j)
        }
      }
    }
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
