import Enclosure
import MatrixProducts

/// The products of the rows that read the argument.
struct ReadingRows: Sendable {
  /// B Bᵀ, neurons first and outputs after them.
  let gram: BandMatrix
  /// Bounds the norm of its error.
  let error: UpperBound

  /// Nil if numbers leave the range.
  init?(_ form: NeuronForm, _ workers: Workers) {
    let count = form.neurons + form.outputs
    guard let scaled = ScaledNumbers(form.inputRows), abs(scaled.exponent) < 200 else { return nil }
    let block = DenseBlock(rows: count, columns: form.inputs, elements: scaled.values)
    let products = block.gramOfRows(workers)
    let (power, half) = (2 * scaled.exponent, scaled.exponent)
    var gram = products.matrix
    let factor = Double(sign: .plus, exponent: power, significand: 1)
    for i in gram.elements.indices { gram.elements[i] *= factor }
    let inexact = (form.terms.flatMap(\.self) + form.output).filter { $0.source == 0 }.reduce(
      UpperBound.zero
    ) { $0 + $1.error }
    let size = block.magnitude.scaled(byPowerOfTwo: half)
    self.gram = gram
    error =
      products.error.scaled(byPowerOfTwo: power) + (size + size + inexact) * inexact
  }
}

extension ReadingRows {
  /// The products with one combination Σ fᵢ yᵢ of the outputs in place of all of them.
  func combining(_ factors: [(output: Int, factor: Double)], of form: NeuronForm) -> ReadingRows? {
    let combined = form.combining(factors)
    // Products are kept where outputs do not read the argument.
    guard combined.output.contains(where: { $0.source == 0 }) else {
      var gram = BandMatrix(order: form.neurons + 1, bandwidth: form.neurons)
      for i in 0..<form.neurons {
        for j in 0...i {
          gram.elements[gram.layout.offset(i, j)] =
            self.gram.elements[self.gram.layout.offset(i, j)]
        }
      }
      return ReadingRows(gram: gram, error: error)
    }
    return ReadingRows(combined, .single)
  }

  private init(gram: BandMatrix, error: UpperBound) { (self.gram, self.error) = (gram, error) }
}
