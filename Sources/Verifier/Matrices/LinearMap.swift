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
  /// The largest relative difference of a coefficient that execution computes from the exact one, in units
  /// of the format's: 0 where it is stored.
  var executedCoefficientRoundings = 0.0
  /// By how much more each row's coefficient may be off in execution; empty for nothing.
  var executedLosses: [Double] = []
  /// What is subtracted from each input first; empty for nothing.
  var subtracted: [Double] = []
  /// What is added to each output; empty for nothing.
  var offset: [Double] = []
  /// The groups whose means the map subtracts, if that is what it does.
  var means: [[Int32]] = []
  /// The most numbers that execution multiplies and adds for one output.
  let terms: Int
  /// Whether execution multiplies the sums by a number of all rows, and so rounds them once more.
  var isScaledAfterwards = false
  /// The same map of images, where it is one.
  var stencil: Stencil?
  /// The adjoint, where that is a map of images.
  var adjoint: Stencil?

  /// Whether the coefficients are all elements, row-major.
  var isFull = false

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

  /// The patterns, for those who multiply many rows at once.
  struct Structure {
    /// Of all patterns, one after another.
    let columns: [Int32]
    let places: [Int32]
    fileprivate let starts: [Int]
    fileprivate let rows: [(pattern: Int32, column: Int32, place: Int32)]

    /// One more than the largest place of a pattern.
    var extent: Int { Int(places.max() ?? -1) + 1 }
    func range(of pattern: Int) -> Range<Int> { starts[pattern]..<starts[pattern + 1] }
    func shift(ofRow row: Int) -> Int32 { rows[row].place }

    /// Rows that differ only in their coefficients.
    var families: [(rows: [Int32], pattern: Int, column: Int)] {
      var places: [SIMD2<Int32>: Int] = [:]
      var families: [(rows: [Int32], pattern: Int, column: Int)] = []
      for (index, row) in rows.enumerated() {
        let key = SIMD2(row.pattern, row.column)
        if let place = places[key] {
          families[place].rows.append(Int32(index))
        } else {
          places[key] = families.count
          families.append(([Int32(index)], Int(row.pattern), Int(row.column)))
        }
      }
      return families
    }
  }

  var structure: Structure {
    Structure(columns: columns, places: places, starts: starts, rows: rows)
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

  /// Norms and sums of each row, rounded up.
  struct RowNorms: Sendable {
    /// ‖a‖.
    var all: [Double] = []
    /// The larger of the norms of the positive and of the negative coefficients.
    var signed: [Double] = []
    /// Σ |a|.
    var sums: [Double] = []
    /// The number of elements, and the largest.
    var counts: [Double] = []
    var mostElements = 0

    /// Adds a row that is like an earlier one.
    fileprivate mutating func `repeat`(_ row: Int) {
      all.append(all[row])
      signed.append(signed[row])
      sums.append(sums[row])
      counts.append(counts[row])
    }
  }

  var rowNorms: RowNorms {
    let largest = coefficients.reduce(0) { max($0, $1.magnitude) }
    // A power of two, so that no square overflows and what underflows does not matter.
    let scale =
      largest > 0 && largest.isFinite
      ? Double(sign: .plus, exponent: -Int(largest.exponent), significand: 1) : 1
    var norms = RowNorms()
    for (row, first) in firstEquals.enumerated() {
      guard first == row else {
        norms.repeat(first)
        continue
      }
      var (positive, negative, sum, count) = (0.0, 0.0, 0.0, 0)
      visit(row) { _, value in
        let square = (value * scale) * (value * scale)
        if value > 0 { positive += square } else { negative += square }
        (sum, count) = (sum + value.magnitude, count + 1)
      }
      let room = (1 + Double(count + 8) * 0x1p-52) * (1 + coefficientError)
      func root(_ squares: Double) -> Double {
        squares == 0 && sum == 0
          ? 0 : ((squares * room + Double(count) * 0x1p-1000).squareRoot() / scale * room).nextUp
      }
      norms.all.append(root(positive + negative))
      norms.signed.append(root(max(positive, negative)))
      norms.sums.append((sum * room).nextUp)
      norms.counts.append(Double(count))
      norms.mostElements = max(norms.mostElements, count)
    }
    return norms
  }

  /// For each row, the first one with the same coefficients in the same order, in whatever columns.
  private var firstEquals: [Int] {
    var kinds: [ArraySlice<Int32>: Int32] = [:]
    let kindOf = (0..<starts.count - 1).map { pattern in
      let places = places[starts[pattern]..<starts[pattern + 1]]
      let kind = kinds[places] ?? Int32(kinds.count)
      kinds[places] = kind
      return kind
    }
    var firsts: [SIMD2<Int32>: Int] = [:]
    return rows.enumerated().map { index, row in
      let key = SIMD2(kindOf[Int(row.pattern)], row.place)
      let first = firsts[key] ?? index
      firsts[key] = first
      return first
    }
  }

  /// Whether all coefficients are 0.
  var isZero: Bool { coefficients.allSatisfy { $0 == 0 } }

  /// How full a matrix is, and how large.
  struct Profile: Sendable {
    /// The most coefficients other than 0 in a row and in a column.
    let rowCount: Int
    let columnCount: Int
    /// Bounds ‖|A|‖ by the root of the product of the largest sums of magnitudes of a row and of a column.
    let absoluteNorm: UpperBound
  }

  var profile: Profile {
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
    return Profile(
      rowCount: rowCount, columnCount: columnCount, absoluteNorm: product.squareRoot() * rounding)
  }

  /// The same, without a look at each element of a map of images: as if no window read outside the image.
  var profileBound: Profile {
    guard let image = stencil ?? adjoint else { return profile }
    let (byRow, byColumn) = (
      image.taps.count * image.channelsPerGroup,
      image.taps.count * image.output[0] / image.groups
    )
    return Profile(
      rowCount: stencil == nil ? byColumn : byRow, columnCount: stencil == nil ? byRow : byColumn,
      absoluteNorm: image.absoluteNorm)
  }

  /// The transposed matrix; nil if it is too large.
  ///
  /// Other matrices than those of images have a pattern for each
  /// row.
  var transposed: LinearMap? {
    if let structured = stencil.map({ LinearMap(adjointOf: $0, terms: terms) })
      ?? adjoint.map({ LinearMap($0, terms: terms) })
    {
      return structured.withErrors(of: self)
    }
    if !means.isEmpty { return self }
    if isFull { return fullTransposed.withErrors(of: self) }
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
    result.places = values.indices.map(Int32.init)
    for index in 0..<inputs { result.addRow(index) }
    return result.withErrors(of: self)
  }

  /// The transpose of a full matrix.
  var fullTransposed: LinearMap {
    let (rows, columns) = (outputs, inputs)
    var elements = Array(repeating: 0.0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        elements[column * rows + row] = coefficients[row * columns + column]
      }
    }
    return LinearMap(full: elements, inputs: rows)
  }

  private func withErrors(of other: LinearMap) -> LinearMap {
    var result = self
    (result.coefficientError, result.executedCoefficientRoundings) = (
      other.coefficientError, other.executedCoefficientRoundings
    )
    return result
  }
}
