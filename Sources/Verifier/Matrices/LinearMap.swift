import Enclosure

/// A linear layer as a sparse matrix.
///
/// Rows of a convolution differ in their position and their filter, so a row is a pattern, of columns and of
/// indices of coefficients, and two shifts.
struct LinearMap: Sendable {
  /// The number of columns.
  let inputs: Int
  /// Where each pattern begins; one more than there are patterns.
  private var starts = [0]
  private var columns: [Int32] = []
  private var places: [Int32] = []
  private var rows: [(pattern: Int32, column: Int32, place: Int32)] = []
  /// The coefficients, each within `coefficientError` of the exact one.
  let coefficients: [Double]
  /// The largest relative error of a coefficient: 0 where they are float32 numbers.
  var coefficientError = 0.0
  /// The largest relative difference of a coefficient that execution computes in float32 from the exact
  /// one: 0 where it is stored.
  var executedCoefficientError = 0.0
  /// What is subtracted from each input first; empty for nothing.
  var subtracted: [Double] = []
  /// What is added to each output; empty for nothing.
  var offset: [Double] = []
  /// The most numbers that execution multiplies and adds for one output.
  let terms: Int
  /// The same map of images, where it is one.
  var stencil: Stencil?
  /// The adjoint, where that is a map of images.
  private(set) var adjoint: Stencil?

  /// No matrix may have more elements other than 0.
  static let mostElements = 1 << 29
  /// No transpose may have more elements.
  static let mostTransposed = 1 << 27

  /// A map without rows.
  init(inputs: Int, terms: Int, coefficients: [Double]) {
    (self.inputs, self.terms, self.coefficients) = (inputs, terms, coefficients)
  }

  /// The number of rows.
  var outputs: Int { rows.count }

  /// The number of elements that are not 0 by construction.
  var count: Int { rows.reduce(0) { $0 + length(Int($1.pattern)) } }
  private func length(_ pattern: Int) -> Int { starts[pattern + 1] - starts[pattern] }

  /// Adds a pattern; columns ascend.
  mutating func addPattern(_ elements: [(column: Int, place: Int)]) {
    for element in elements {
      columns.append(Int32(element.column))
      places.append(Int32(element.place))
    }
    starts.append(columns.count)
  }

  /// Adds a row of a pattern, moved to other columns and coefficients.
  mutating func addRow(_ pattern: Int, column: Int = 0, place: Int = 0) {
    rows.append((Int32(pattern), Int32(column), Int32(place)))
  }

  /// Visits a row's elements, columns ascending.
  @inline(__always)
  func visit(_ row: Int, _ body: (_ column: Int, _ value: Double) -> Void) {
    let (pattern, column, place) = rows[row]
    for k in starts[Int(pattern)]..<starts[Int(pattern) + 1] {
      body(Int(columns[k] + column), coefficients[Int(places[k] + place)])
    }
  }

  /// Whether only elements of the diagonal may differ from 0.
  var isDiagonal: Bool {
    guard inputs == outputs else { return false }
    return (0..<outputs).allSatisfy { index in
      var isDiagonal = true
      visit(index) { column, _ in isDiagonal = isDiagonal && column == index }
      return isDiagonal
    }
  }

  /// All rows with their zeros.
  var denseRows: [[Double]] {
    (0..<outputs).map { index in
      var elements = Array(repeating: 0.0, count: inputs)
      visit(index) { elements[$0] = $1 }
      return elements
    }
  }

  /// The norm of each row, rounded up, of all coefficients or of some of them.
  func rowNorms(of isTaken: (Double) -> Bool = { _ in true }) -> [Double] {
    (0..<outputs).map { index in
      var row: [Double] = []
      visit(index) { _, value in if isTaken(value) { row.append(value) } }
      return (AccumulatedError.euclideanNorm(row).upper * UpperBound(proven: 1 + coefficientError))
        .value
    }
  }

  /// The most coefficients other than 0 in a row and in a column, and the largest sums of magnitudes of
  /// a row and of a column: ‖|A|‖ is at most the root of the product of the two sums.
  var profile: (rowCount: Int, columnCount: Int, absoluteNorm: UpperBound) {
    var counts = Array(repeating: 0, count: inputs)
    var sums = Array(repeating: 0.0, count: inputs)
    var (rowCount, rowSum) = (0, 0.0)
    for index in 0..<outputs {
      var (count, sum) = (0, 0.0)
      visit(index) { column, value in
        if value != 0 { (counts[column], count) = (counts[column] + 1, count + 1) }
        sums[column] += value.magnitude
        sum += value.magnitude
      }
      (rowCount, rowSum) = (max(rowCount, count), max(rowSum, sum))
    }
    let columnCount = counts.max() ?? 0
    let rounding = UpperBound.one + AccumulatedError.gamma(2 * max(rowCount, columnCount) + 4)
    let product = UpperBound(proven: rowSum) * UpperBound(proven: sums.max() ?? 0)
    return (rowCount, columnCount, product.squareRoot() * rounding)
  }

  /// The transposed matrix, one pattern a row; nil if it is too large.
  var transposed: LinearMap? {
    guard count <= Self.mostTransposed else { return nil }
    var starts = Array(repeating: 0, count: inputs + 1)
    for index in 0..<outputs { visit(index) { column, _ in starts[column + 1] += 1 } }
    for index in 0..<inputs { starts[index + 1] += starts[index] }
    var (columns, values) = (
      Array(repeating: Int32(0), count: starts[inputs]),
      Array(repeating: 0.0, count: starts[inputs])
    )
    var next = starts
    for index in 0..<outputs {
      visit(index) { column, value in
        (columns[next[column]], values[next[column]]) = (Int32(index), value)
        next[column] += 1
      }
    }
    var result = LinearMap(inputs: outputs, terms: terms, coefficients: values)
    (result.starts, result.columns) = (starts, columns)
    (result.coefficientError, result.executedCoefficientError) = (
      coefficientError, executedCoefficientError
    )
    result.places = values.indices.map(Int32.init)
    for index in 0..<inputs { result.addRow(index) }
    (result.stencil, result.adjoint) = (adjoint, stencil)
    return result
  }
}
