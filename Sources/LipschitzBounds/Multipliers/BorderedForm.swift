import Enclosure
import MatrixProducts

/// The matrix of ``MultiplierBound`` without the argument, negated for ``PositiveDefiniteness``, with rows and
/// columns multiplied by powers of two that bring the diagonal near 1:
/// [[2Λ − ΛWᵤ − WᵤᵀΛ − ΛWₛWₛᵀΛ, (Cᵤ + CₛWₛᵀΛ)ᵀ], [Cᵤ + CₛWₛᵀΛ, A − CₛCₛᵀ]].
struct BorderedForm {
  private var negated: BandMatrix
  private let form: NeuronForm
  private let rows: ReadingRows
  private let outputScale: Double
  private let square: Double
  /// A.
  private var outputs: BandMatrix
  /// Bounds the difference of the matrix without A from the exact one in the spectral norm.
  private let coefficientError: UpperBound

  init(
    _ form: NeuronForm, _ rows: ReadingRows, _ multipliers: [Double], square: Double
  ) {
    let order = form.neurons + form.outputs
    (self.form, self.rows, self.square) = (form, rows, square)
    outputScale = Self.power(of: square)
    outputs = BandMatrix(order: form.outputs, bandwidth: max(0, form.outputs - 1))
    let scale =
      multipliers.map { Self.power(of: 2 * $0) }
      + Array(repeating: outputScale, count: form.outputs)
    // ΛD for neurons and D for outputs.
    let weights =
      zip(multipliers, scale).map { $0 * $1 }
      + Array(repeating: outputScale, count: form.outputs)
    var matrix = BandMatrix(order: order, bandwidth: max(0, order - 1))
    var magnitudes = Array(repeating: 0.0, count: order)
    let layout = matrix.layout
    for i in 0..<order {
      for j in 0...i {
        // (−ΛWₛ)(−ΛWₛ)ᵀ, and CₛWₛᵀΛ with the opposite sign.
        let sign = i >= form.neurons && j < form.neurons ? -1.0 : 1
        matrix.elements[layout.offset(i, j)] =
          sign * weights[i] * weights[j] * rows.gram.elements[rows.gram.layout.offset(i, j)]
      }
    }
    func add(_ terms: [NeuronForm.Term], _ range: Range<Int>, sign: Double) {
      for term in terms where term.source > 0 {
        let columns = form.blocks[term.source]
        for (r, i) in range.enumerated() {
          for (c, column) in columns.enumerated() {
            let j = column - form.inputs
            let value = weights[i] * term.elements[r * columns.count + c] * scale[j]
            matrix.elements[layout.offset(i, j)] += sign * value
            magnitudes[i] += value.magnitude
            magnitudes[j] += value.magnitude
          }
        }
      }
    }
    for (index, terms) in form.terms.enumerated() {
      let range = form.blocks[index + 1]
      add(terms, range.lowerBound - form.inputs..<range.upperBound - form.inputs, sign: 1)
    }
    add(form.output, form.neurons..<order, sign: -1)
    for i in 0..<form.neurons {
      matrix.elements[layout.offset(i, i)] -= 2 * weights[i] * scale[i]
      magnitudes[i] += 2 * weights[i] * scale[i]
    }
    negated = matrix
    coefficientError = Self.error(form, rows, scale, weights, magnitudes)
  }

  /// A power of two whose square brings a number into [1, 4).
  private static func power(of number: Double) -> Double {
    Double(
      sign: .plus, exponent: -Int((Double(number.exponent) / 2).rounded(.down)), significand: 1)
  }

  /// What rounding, the products of the rows and the coefficients add up to.
  private static func error(
    _ form: NeuronForm, _ rows: ReadingRows, _ scale: [Double], _ weights: [Double],
    _ magnitudes: [Double]
  ) -> UpperBound {
    // |Gᵢⱼ| ≤ √(GᵢᵢGⱼⱼ), so the magnitudes of the products' row are at most √Gᵢᵢ Σ √Gⱼⱼ.
    let roots = weights.indices.map {
      (rows.gram.diagonal($0).magnitude.squareRoot() * weights[$0]).nextUp
    }
    let total = roots.reduce(0, +)
    let largest = weights.indices.reduce(0) { max($0, magnitudes[$1] + roots[$1] * total) }
    let heaviest = UpperBound(proven: weights.max() ?? 0)
    // Each element is a sum of at most three products of three numbers.
    var error =
      AccumulatedError.gamma(8) * UpperBound(proven: largest * (1 + 0x1p-20))
      + heaviest * heaviest * rows.error
    func add(_ terms: [NeuronForm.Term], _ range: Range<Int>) {
      for term in terms where term.source > 0 && term.error > .zero {
        let source = form.blocks[term.source]
        let width = source.reduce(0) { max($0, scale[$1 - form.inputs]) }
        let height = range.reduce(0) { max($0, weights[$1]) }
        error = error + UpperBound(proven: height) * UpperBound(proven: width) * term.error
      }
    }
    for (index, terms) in form.terms.enumerated() {
      let range = form.blocks[index + 1]
      add(terms, range.lowerBound - form.inputs..<range.upperBound - form.inputs)
    }
    add(form.output, form.neurons..<form.neurons + form.outputs)
    return error + UpperBound(proven: 0x1p-900)
  }
}

extension BorderedForm {
  /// Bounds the difference of the matrix from the exact one in the spectral norm.
  var error: UpperBound {
    let largest = outputs.elements.reduce(0) { max($0, $1.magnitude) } * outputScale * outputScale
    // Each element of A − CₛCₛᵀ is rounded once more.
    return coefficientError
      + AccumulatedError.gamma(4) * UpperBound(integer: form.outputs)
      * UpperBound(proven: largest)
  }

  /// Makes A a multiple of about the square of the constant.
  mutating func setOutputs(times factor: Double) {
    var multiple = outputs
    for i in multiple.elements.indices { multiple.elements[i] = 0 }
    for i in 0..<multiple.order {
      multiple.elements[multiple.layout.offset(i, i)] = factor * square
    }
    setOutputs(multiple, plus: 0)
  }

  /// Makes A a matrix plus a multiple of I, which is given in the scale of the matrix.
  mutating func setOutputs(_ matrix: BandMatrix, plus shift: Double) {
    let power = outputScale * outputScale
    for i in 0..<form.outputs {
      for j in 0...i {
        let place = outputs.layout.offset(i, j)
        outputs.elements[place] = matrix.elements[place] + (i == j ? shift / power : 0)
        let (row, column) = (form.neurons + i, form.neurons + j)
        let product = rows.gram.elements[rows.gram.layout.offset(row, column)]
        negated.elements[negated.layout.offset(row, column)] =
          power * (product - outputs.elements[place])
      }
    }
  }

  /// By how much the smallest eigenvalue may lie below `margin` if ``factorizes(_:margin:_:)`` is true.
  func slack(at margin: Double) -> Double {
    PositiveDefiniteness.slack(-margin, negated).value
  }

  /// Whether the Cholesky factorization of the matrix minus `margin`·I runs to completion.
  func factorizes(_ workspace: inout [Double], margin: Double, _ workers: Workers) -> Bool {
    PositiveDefiniteness.factorizes(-margin, minus: negated, &workspace, workers)
  }

  /// About the least A, from the factor of the matrix with a larger one.
  func outputSquare(fromFactor factor: [Double], _ workers: Workers) -> BandMatrix {
    var result = BandMatrix(order: form.outputs, bandwidth: max(0, form.outputs - 1))
    factor.withUnsafeBufferPointer { factor in
      guard let base = factor.baseAddress else { return }
      result.addProducts(
        of: negated.layout.view(base, form.neurons, 0), inner: form.neurons, workers)
    }
    let power = outputScale * outputScale
    for i in 0..<form.outputs {
      for j in 0...i {
        let place = result.layout.offset(i, j)
        let (row, column) = (form.neurons + i, form.neurons + j)
        result.elements[place] =
          result.elements[place] / power
          + rows.gram.elements[rows.gram.layout.offset(row, column)]
      }
    }
    return result
  }

  /// The constants that A proves.
  func constants(
    _ workspace: inout [Double], _ workers: Workers
  ) -> (norm: UpperBound, differences: [UpperBound]) {
    let estimate = LanczosEstimate(order: outputs.order) { outputs.times($0) }.value
    let top = CholeskyMethod.largestEigenvalue(
      of: outputs, estimate: estimate, workspace: &workspace, workers)
    let count = outputs.order
    let differences = (0..<count * count).map { index in
      let (i, j) = (index / count, index % count)
      if i == j { return UpperBound.zero }
      let cross = outputs.elements[outputs.layout.offset(max(i, j), min(i, j))]
      let sum = DirectedRounding.addUp(outputs.diagonal(i), outputs.diagonal(j))
      return UpperBound(proven: max(0, DirectedRounding.addUp(sum, -2 * cross))).squareRoot()
    }
    return (top.squareRoot(), differences)
  }
}
