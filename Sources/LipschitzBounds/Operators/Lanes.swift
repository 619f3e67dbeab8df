import Enclosure
import MatrixProducts

/// Vectors of the 16 rows of a panel.
enum Lanes {
  @inline(__always)
  static func load(_ place: UnsafePointer<Double>, _ column: Int) -> SIMD16<Double> {
    UnsafeRawPointer(place + column * 16).loadUnaligned(as: SIMD16<Double>.self)
  }

  @inline(__always)
  static func store(
    _ value: SIMD16<Double>, _ place: UnsafeMutablePointer<Double>, _ column: Int
  ) {
    UnsafeMutableRawPointer(place + column * 16).storeBytes(of: value, as: SIMD16<Double>.self)
  }

  @inline(__always)
  static func magnitude(_ value: SIMD16<Double>) -> SIMD16<Double> {
    value.replacing(with: -value, where: value .< 0)
  }

  /// The sum of the lanes.
  @inline(__always)
  static func sum(_ value: SIMD16<Double>) -> Double {
    let half = value.lowHalf + value.highHalf
    let quarter = half.lowHalf + half.highHalf
    return quarter.sum()
  }

  /// Copies `count` columns of a panel, `step` apart, to consecutive columns; whether one is not 0.
  static func gather(
    _ place: UnsafePointer<Double>, from first: Int, step: Int, count: Int,
    to image: UnsafeMutablePointer<Double>, _ column: Int
  ) -> Bool {
    var top = SIMD16<Double>.zero
    for k in 0..<count {
      let value = load(place, first + k * step)
      top = top.replacing(with: 1, where: value .!= 0)
      store(value, image, column + k)
    }
    return top.max() > 0
  }

  /// Whether an element of some columns is not 0.
  static func hasNonzero(_ place: UnsafePointer<Double>, _ columns: Range<Int>) -> Bool {
    columns.contains { load(place, $0) != .zero }
  }

  /// Copies `count` consecutive columns to columns that are `step` apart.
  static func scatter(
    _ place: UnsafePointer<Double>, count: Int, to image: UnsafeMutablePointer<Double>,
    from first: Int, step: Int
  ) {
    for k in 0..<count { store(load(place, k), image, first + k * step) }
  }

  /// Σ xⱼ · panel column j.
  static func combination(
    _ place: UnsafePointer<Double>, _ x: UnsafePointer<Double>, _ count: Int
  ) -> SIMD16<Double> {
    var sums = SIMD16<Double>.zero
    for j in 0..<count { sums += load(place, j) * x[j] }
    return sums
  }

  /// Adds to xⱼ the product of panel column j with `factors`.
  static func addProducts(
    _ place: UnsafePointer<Double>, _ factors: SIMD16<Double>,
    to x: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    for j in 0..<count { x[j] += sum(load(place, j) * factors) }
  }

  /// Multiplies `count` columns by a number.
  static func scale(
    _ place: UnsafePointer<Double>, by number: Double, to image: UnsafeMutablePointer<Double>,
    _ columns: Range<Int>
  ) {
    for j in columns { store(load(place, j) * number, image, j) }
  }
}

/// What is collected about a matrix while its panels are in the cache.
final class PanelStatistics: @unchecked Sendable {
  private let columns: Int
  private let chunks: Int
  private let panels: Int
  private let columnSums: UnsafeMutableBufferPointer<Double>
  private let perPanel:
    UnsafeMutableBufferPointer<(rowSum: Double, squares: Double, largest: Double)>
  private let used: UnsafeMutableBufferPointer<Bool>

  init(panels: Int, columns: Int) {
    (self.panels, self.columns) = (panels, columns)
    chunks = (columns + PanelMatrix.chunk - 1) / PanelMatrix.chunk
    columnSums = .allocate(capacity: panels * columns)
    perPanel = .allocate(capacity: panels)
    used = .allocate(capacity: panels * chunks)
  }

  deinit {
    columnSums.deallocate()
    perPanel.deallocate()
    used.deallocate()
  }

  /// Measures a panel; different panels may be measured concurrently.
  func measure(_ panel: Int, _ place: UnsafePointer<Double>) {
    var (rowSums, squares) = (SIMD16<Double>.zero, SIMD16<Double>.zero)
    var largest = SIMD16<Double>.zero
    for chunk in 0..<chunks {
      var top = SIMD16<Double>.zero
      let first = chunk * PanelMatrix.chunk
      for j in first..<min(columns, first + PanelMatrix.chunk) {
        let value = Lanes.load(place, j)
        let magnitude = Lanes.magnitude(value)
        rowSums += magnitude
        squares += value * value
        top = top.replacing(with: magnitude, where: magnitude .> top)
        columnSums[panel * columns + j] = Lanes.sum(magnitude)
      }
      used[panel * chunks + chunk] = top.max() > 0
      largest = largest.replacing(with: top, where: top .> largest)
    }
    perPanel[panel] = (rowSums.max(), squares.sum(), largest.max())
  }

  func magnitude(rows: Int) -> UpperBound {
    var (rowSum, squares) = (0.0, 0.0)
    for panel in perPanel {
      rowSum = max(rowSum, panel.rowSum)
      squares += panel.squares
    }
    var total = Array(repeating: 0.0, count: columns)
    for panel in 0..<panels {
      for j in 0..<columns { total[j] += columnSums[panel * columns + j] }
    }
    let padded = panels * PanelMatrix.lanes
    let schur =
      (UpwardSum.bound(rowSum, count: columns)
      * UpwardSum.bound(total.max() ?? 0, count: padded)).squareRoot()
    return min(schur, UpwardSum.root(ofSquares: squares, count: padded * columns))
  }

  /// ∞ if an element is not finite.
  var largest: Double {
    guard perPanel.allSatisfy({ $0.squares.isFinite }) else { return .infinity }
    return perPanel.reduce(0) { max($0, $1.largest) }
  }
  var isUsed: [Bool] { Array(used) }
}
