import Enclosure

/// A linear layer with its matrix written out, row by row, without the zeros.
struct LinearMap: Sendable {
  /// The number of columns.
  let inputs: Int
  /// Where each row begins in `columns` and `values`; one more than there are rows.
  private(set) var starts = [0]
  private(set) var columns: [Int32] = []
  /// The coefficients, each within `slack` of the exact one.
  private(set) var values: [Double] = []
  /// The largest relative error of a coefficient: 0 where they are float32 numbers.
  var slack = 0.0
  /// The largest relative difference of a coefficient that execution computes in float32 from the exact
  /// one: 0 where it is stored.
  var deviation = 0.0
  /// What is subtracted from each input first; empty for nothing.
  var before: [Double] = []
  /// What is added to each output; empty for nothing.
  var offset: [Double] = []
  /// The most numbers that execution multiplies and adds for one output.
  let terms: Int

  /// A map without rows.
  init(inputs: Int, terms: Int) { (self.inputs, self.terms) = (inputs, terms) }

  /// No matrix may have more elements other than 0.
  static let mostElements = 1 << 27

  /// The number of rows.
  var outputs: Int { starts.count - 1 }

  /// Adds a coefficient to the row under construction.
  mutating func append(_ column: Int, _ value: Double) {
    guard value != 0 else { return }
    columns.append(Int32(column))
    values.append(value)
  }

  /// Ends a row.
  mutating func endRow() { starts.append(values.count) }

  /// The places of a row's coefficients.
  func row(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }

  /// Whether every row reads the element in its own place at most.
  var isDiagonal: Bool {
    inputs == outputs
      && (0..<outputs).allSatisfy { index in columns[row(index)].allSatisfy { $0 == index } }
  }

  /// All rows with their zeros.
  var writtenRows: [[Double]] {
    (0..<outputs).map { index in
      var elements = Array(repeating: 0.0, count: inputs)
      for place in row(index) { elements[Int(columns[place])] = values[place] }
      return elements
    }
  }

  /// The map with the other coefficients left out.
  func keeping(_ isKept: (Double) -> Bool) -> LinearMap {
    var result = LinearMap(inputs: inputs, terms: terms)
    result.slack = slack
    for index in 0..<outputs {
      for place in row(index) where isKept(values[place]) {
        result.append(Int(columns[place]), values[place])
      }
      result.endRow()
    }
    return result
  }

  /// The norm of each row, rounded up.
  var rowNorms: [Double] {
    (0..<outputs).map { index in
      let norm = AccumulatedError.euclideanNorm(Array(values[row(index)])).upper
      return (norm * UpperBound(proven: 1 + slack)).value
    }
  }

  /// The most coefficients in a row and in a column, and the largest sums of magnitudes of a row and of
  /// a column: ‖|A|‖ is at most the root of the product of the two sums.
  var profile: (rowCount: Int, columnCount: Int, magnitude: UpperBound) {
    var counts = Array(repeating: 0, count: inputs)
    var sums = Array(repeating: 0.0, count: inputs)
    var (rowCount, rowSum) = (0, 0.0)
    for index in 0..<outputs {
      var sum = 0.0
      for place in row(index) {
        let column = Int(columns[place])
        counts[column] += 1
        sums[column] += values[place].magnitude
        sum += values[place].magnitude
      }
      rowCount = max(rowCount, row(index).count)
      rowSum = max(rowSum, sum)
    }
    let columnCount = counts.max() ?? 0
    let rounding = UpperBound.one + AccumulatedError.gamma(2 * max(rowCount, columnCount) + 4)
    let product = UpperBound(proven: rowSum) * UpperBound(proven: sums.max() ?? 0)
    return (rowCount, columnCount, product.squareRoot() * rounding)
  }

  /// A matrix whose rows pick one element each, or none.
  init(inputs: Int, picking places: [Int?]) {
    self.init(inputs: inputs, terms: 0)
    for place in places {
      if let place { append(place, 1) }
      endRow()
    }
  }

  /// The transposed matrix.
  var transposed: LinearMap {
    var starts = Array(repeating: 0, count: inputs + 1)
    for column in columns { starts[Int(column) + 1] += 1 }
    for index in 0..<inputs { starts[index + 1] += starts[index] }
    var result = LinearMap(inputs: outputs, terms: terms)
    result.starts = starts
    (result.slack, result.deviation) = (slack, deviation)
    result.columns = Array(repeating: 0, count: columns.count)
    result.values = Array(repeating: 0, count: values.count)
    var next = starts
    for index in 0..<outputs {
      for place in row(index) {
        let column = Int(columns[place])
        result.columns[next[column]] = Int32(index)
        result.values[next[column]] = values[place]
        next[column] += 1
      }
    }
    return result
  }
}
