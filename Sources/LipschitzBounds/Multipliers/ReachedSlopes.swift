import BoundAlgebra
import Enclosure
import ModelIR

/// What no multipliers go below: the constants of a ``NeuronForm`` with each neuron replaced by its slope at a point.
///
/// Multipliers bound the form for all slopes in [0, 1], so also for these. In exact arithmetic they prove no less than the
/// spectral norm of the linear map that these leave, and for the difference of two outputs no less than the norm of the
/// difference of their rows. Nothing is proved from it: it says where a search cannot gain. Cost: a product of each
/// coefficient with each output that is asked for.
struct ReachedSlopes {
  private let form: NeuronForm
  /// All coordinates at the point.
  private let values: [Double]

  private static let mostRows = 16

  /// The slopes at an argument that is far from zero in every coordinate.
  init(_ form: NeuronForm) {
    self.form = form
    values = Self.values(form, at: (0..<form.inputs).map { $0.isMultiple(of: 2) ? 1 : -0.7 })
  }

  /// Whether one of the first outputs has at least this constant, so that the form has.
  func oneOutputReaches(_ constant: Double) -> Bool {
    (0..<min(form.outputs, Self.mostRows)).contains { output in
      let row = row(output)
      return VectorKernels.dot(row, row, row.count).squareRoot() >= constant
    }
  }

  /// Whether the difference of any two outputs has at least √2 times this constant.
  func allDifferencesReach(_ constant: Double) -> Bool {
    let rows = (0..<form.outputs).map(row)
    return rows.indices.allSatisfy { i in
      (0..<i).allSatisfy { j in
        let square = VectorKernels.squaredDistance(rows[i], rows[j], form.inputs)
        return (square / 2).squareRoot() >= constant
      }
    }
  }

  /// All coordinates for an argument, with each neuron a rectifier.
  private static func values(_ form: NeuronForm, at argument: [Double]) -> [Double] {
    var values = argument
    for (block, terms) in form.terms.enumerated() {
      let count = form.blocks[block + 1].count
      var sums = Array(repeating: 0.0, count: count)
      for term in terms {
        let source = form.blocks[term.source]
        term.elements.withUnsafeBufferPointer { elements in
          values.withUnsafeBufferPointer { values in
            guard let elements = elements.baseAddress, let values = values.baseAddress else {
              return
            }
            for row in 0..<count {
              sums[row] += VectorKernels.dot(
                elements + row * source.count, values + source.lowerBound, source.count)
            }
          }
        }
      }
      values += sums.map { max($0, 0) }
    }
    return values
  }

  /// An output in the coordinates of the argument, where a neuron passes its z on if its value is positive.
  private func row(_ output: Int) -> [Double] {
    var row = Array(repeating: 0.0, count: form.order)
    row.withUnsafeMutableBufferPointer { row in
      for term in form.output { Self.add(1, term, output, of: form, to: row) }
      for block in form.terms.indices.reversed() {
        for (k, place) in form.blocks[block + 1].enumerated()
        where values[place] > 0 && row[place] != 0 {
          for term in form.terms[block] { Self.add(row[place], term, k, of: form, to: row) }
        }
      }
    }
    return Array(row[form.blocks[0]])
  }

  /// Adds a multiple of a row of a term.
  private static func add(
    _ factor: Double, _ term: NeuronForm.Term, _ place: Int, of form: NeuronForm,
    to row: UnsafeMutableBufferPointer<Double>
  ) {
    let source = form.blocks[term.source]
    term.elements.withUnsafeBufferPointer { elements in
      guard let elements = elements.baseAddress, let row = row.baseAddress else { return }
      VectorKernels.add(
        factor, elements + place * source.count, to: row + source.lowerBound, source.count)
    }
  }
}

extension NeuronRegion {
  /// The constant of layers that follow one another, by the product rule; ∞ for other parts.
  func product(_ norms: OperatorNorms) -> UpperBound {
    guard front == nil else { return .infinity }
    var position = source
    var product = UpperBound.one
    for node in nodes {
      guard node.operands == [position] else { return .infinity }
      product = product * Self.constant(node.step, norms)
      position = node.position
    }
    return product
  }

  private static func constant(_ step: Step, _ norms: OperatorNorms) -> UpperBound {
    switch step {
    case .linear(let map):
      map.closedNorm?.upper ?? norms.bounds[NormSymbol(map.name)]?.upper ?? .infinity
    case .elementwise(let slopes): slopes.largestMagnitude.upper
    case .comparisons: .one
    case .addition, .concatenation: .infinity
    }
  }
}
