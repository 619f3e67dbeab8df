import Enclosure
import MatrixProducts

/// The differences of a part of a network in coordinates: those of its argument, and those of the outputs of its
/// rectifiers ("neurons"), in blocks.
///
/// Neuron i computes uᵢ = ψᵢ(zᵢ) with the difference quotients of ψᵢ in [0, 1], where zᵢ is a linear function of
/// the argument and of neurons of earlier blocks; the outputs y are linear in all of them. Every difference of two
/// evaluations satisfies Δuᵢ(Δzᵢ − Δuᵢ) ≥ 0.
struct NeuronForm: Sendable {
  /// Coefficients of one block in another: Δz of a block, or Δy, is the sum of terms.
  struct Term: Sendable {
    /// 0 for the argument, then the blocks of neurons in order.
    let source: Int
    /// [rows, columns of the source], row-major.
    let elements: [Double]
    /// Bounds the spectral norm of the error of the coefficients.
    let error: UpperBound
  }

  /// The places of each block's coordinates; the first are those of the argument.
  let blocks: [Range<Int>]
  /// For each block of neurons the terms of its z.
  let terms: [[Term]]
  /// The terms of the outputs.
  let output: [Term]
  /// The number of outputs.
  let outputs: Int

  /// All coordinates.
  var order: Int { blocks[blocks.count - 1].upperBound }
  /// The coordinates of the argument.
  var inputs: Int { blocks[0].count }
  /// The number of neurons.
  var neurons: Int { order - inputs }

  /// The rows of z in the coordinates of the argument, and those of the outputs after them.
  ///
  /// Rows that do not read the argument are 0. [neurons + outputs, inputs], row-major.
  var inputRows: [Double] {
    var rows = Array(repeating: 0.0, count: (neurons + outputs) * inputs)
    func set(_ list: [Term], at first: Int) {
      for term in list where term.source == 0 {
        rows.replaceSubrange(
          first * inputs..<first * inputs + term.elements.count, with: term.elements)
      }
    }
    for (block, list) in terms.enumerated() { set(list, at: blocks[block + 1].lowerBound - inputs) }
    set(output, at: neurons)
    return rows
  }

  /// The form in which only one combination Σ fᵢ yᵢ of the outputs is an output.
  func combining(_ factors: [(output: Int, factor: Double)]) -> NeuronForm {
    let combined = output.map { term in
      let width = blocks[term.source].count
      var row = Array(repeating: 0.0, count: width)
      var size = UpperBound.zero
      for (output, factor) in factors {
        for k in 0..<width { row[k] += factor * term.elements[output * width + k] }
        size = size + UpperBound(proven: factor.magnitude)
      }
      let largest = term.elements.reduce(0) { max($0, $1.magnitude) }
      // The rounding of the sums, and the error of the rows.
      let rounding =
        AccumulatedError.gamma(factors.count + 1) * size * UpperBound(proven: largest)
        * UpperBound(integer: width).squareRoot()
      return Term(source: term.source, elements: row, error: size * term.error + rounding)
    }
    return NeuronForm(blocks: blocks, terms: terms, output: combined, outputs: 1)
  }
}
