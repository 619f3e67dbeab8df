import Enclosure
import MatrixProducts

/// A matrix whose rows are stored in panels of 16: element (i, j) is at ((i/16)·columns + j)·16 + i mod 16.
///
/// So 16 rows are multiplied by another matrix at once. Rows after the last are 0 in the last panel. Elements
/// that are 0 in all rows of a panel, such as those that a few pixels cannot reach, are skipped in products.
struct PanelMatrix: Sendable {
  /// The rows of a panel.
  static let lanes = LaneProducts.lanes
  /// Consecutive columns that are skipped together.
  static let chunk = 16

  let rows: Int
  let columns: Int
  private(set) var elements: [Double]
  /// Bounds ‖ |A| ‖ by √(‖A‖₁ ‖A‖∞) or the Frobenius norm.
  let magnitude: UpperBound
  /// The largest magnitude of an element.
  let largest: Double
  /// For each panel and chunk of columns, whether an element is not 0.
  private let isUsed: [Bool]

  private var panels: Int { (rows + Self.lanes - 1) / Self.lanes }
  private var chunks: Int { (columns + Self.chunk - 1) / Self.chunk }

  /// - Parameter fill: writes a panel [columns, 16], which is not initialized.
  init(
    rows: Int, columns: Int, _ workers: Workers,
    fill: @Sendable (_ panel: Int, UnsafeMutablePointer<Double>) -> Void
  ) {
    let panels = (rows + Self.lanes - 1) / Self.lanes
    let size = columns * Self.lanes
    let statistics = PanelStatistics(panels: panels, columns: columns)
    elements = [Double](unsafeUninitializedCapacity: panels * size) { buffer, count in
      nonisolated(unsafe) let base = buffer.baseAddress
      workers.forEach(panels) { panel in
        guard let base else { return }
        fill(panel, base + panel * size)
        statistics.measure(panel, base + panel * size)
      }
      count = panels * size
    }
    (self.rows, self.columns) = (rows, columns)
    magnitude = statistics.magnitude(rows: rows)
    largest = statistics.largest
    isUsed = statistics.isUsed
  }

  /// The identity.
  init(identity count: Int, _ workers: Workers) {
    self.init(rows: count, columns: count, workers) { panel, place in
      place.update(repeating: 0, count: count * Self.lanes)
      let first = panel * Self.lanes
      for row in first..<min(count, first + Self.lanes) {
        place[row * Self.lanes + row - first] = 1
      }
    }
  }

  /// A matrix of the same shape; `body` reads a panel, of which it also gets the index, and writes its image.
  func mapped(
    _ workers: Workers,
    _ body: @Sendable (UnsafePointer<Double>, Int, UnsafeMutablePointer<Double>) -> Void
  ) -> PanelMatrix {
    PanelMatrix(rows: rows, columns: columns, workers) { panel, place in
      withPanel(panel) { body($0, panel, place) }
    }
  }

  /// Calls `body` with a panel [columns, 16].
  func withPanel<Result>(_ panel: Int, _ body: (UnsafePointer<Double>) -> Result) -> Result {
    elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a matrix without elements") }
      return body(base + panel * columns * Self.lanes)
    }
  }

  /// A row's elements.
  func row(_ i: Int) -> [Double] {
    let first = i / Self.lanes * columns * Self.lanes + i % Self.lanes
    return (0..<columns).map { elements[first + $0 * Self.lanes] }
  }

  /// The elements, row-major.
  var rowMajor: [Double] { (0..<rows).flatMap { row($0) } }
}

extension PanelMatrix: LinearBlock {
  var terms: Int { max(rows, columns) }

  var applicationCost: Double { Double(rows) * Double(columns) }

  var action: LinearAction { LinearAction(forward: forward, adjoint: adjoint) }

  func forward(_ x: [Double]) -> [Double] {
    precondition(x.count == columns)
    var result: [Double] = []
    for panel in 0..<panels {
      withPanel(panel) { place in
        let sums = x.withUnsafeBufferPointer { x in
          x.baseAddress.map { Lanes.combination(place, $0, columns) } ?? .zero
        }
        for r in 0..<min(Self.lanes, rows - panel * Self.lanes) { result.append(sums[r]) }
      }
    }
    return result
  }

  func adjoint(_ y: [Double]) -> [Double] {
    precondition(y.count == rows)
    var x = Array(repeating: 0.0, count: columns)
    for panel in 0..<panels {
      var factors = SIMD16<Double>.zero
      for r in 0..<min(Self.lanes, rows - panel * Self.lanes) {
        factors[r] = y[panel * Self.lanes + r]
      }
      withPanel(panel) { place in
        x.withUnsafeMutableBufferPointer { x in
          guard let x = x.baseAddress else { return }
          Lanes.addProducts(place, factors, to: x, columns)
        }
      }
    }
    return x
  }

  var gramShape: GramShape {
    GramShape(
      isOutputSide: true, order: rows, bandwidth: max(rows - 1, 0),
      cost: Double(rows) * Double(rows) * Double(columns) / 2)
  }

  /// A Aᵀ, by tiles of 4 × 4 panels.
  func gram(_ workers: Workers) -> GramMatrix {
    var matrix = BandMatrix(order: rows, bandwidth: rows - 1)
    let layout = matrix.layout
    let side = (panels + Self.tile - 1) / Self.tile
    let tiles = (0..<side).flatMap { row in (0...row).map { (row, $0) } }
    matrix.elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress
      workers.forEach(tiles.count) { index in
        guard let base else { return }
        addTile(tiles[index], to: base, layout)
      }
    }
    let error = AccumulatedError.gamma(columns + 2) * magnitude * magnitude
    return GramMatrix(matrix: matrix, error: error + UpperBound(proven: 0x1p-900))
  }

  /// Panels along a side of a tile of the Gram matrix, and columns that are multiplied at once.
  private static var tile: Int { 4 }
  private static var depth: Int { 128 }

  private func addTile(
    _ tile: (Int, Int), to base: UnsafeMutablePointer<Double>, _ layout: BandLayout
  ) {
    let (rowPanels, columnPanels) = (panelRange(tile.0), panelRange(tile.1))
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.depth) { places in
      guard let places = places.baseAddress else { return }
      for first in stride(from: 0, to: columns, by: Self.depth) {
        for j in columnPanels {
          for i in rowPanels where i >= j {
            let count = commonPlaces(i, j, from: first, places)
            if count > 0 { addProducts(i, j, places, count, to: base, layout) }
          }
        }
      }
    }
  }

  private func panelRange(_ index: Int) -> Range<Int> {
    index * Self.tile..<min(panels, (index + 1) * Self.tile)
  }

  /// The places in a panel of the next columns that are used in both panels.
  private func commonPlaces(
    _ i: Int, _ j: Int, from first: Int, _ places: UnsafeMutablePointer<Int32>
  ) -> Int {
    var count = 0
    let end = min(columns, first + Self.depth)
    for start in stride(from: first, to: end, by: Self.chunk) {
      let chunk = start / Self.chunk
      guard isUsed[i * chunks + chunk], isUsed[j * chunks + chunk] else { continue }
      for column in start..<min(end, start + Self.chunk) {
        places[count] = Int32(column * Self.lanes)
        count += 1
      }
    }
    return count
  }

  /// Adds the products of two panels' rows to the lower triangle.
  ///
  /// The last of the three tiles has only four new rows.
  private func addProducts(
    _ i: Int, _ j: Int, _ places: UnsafePointer<Int32>, _ count: Int,
    to base: UnsafeMutablePointer<Double>, _ layout: BandLayout
  ) {
    let (row, column) = (i * Self.lanes, j * Self.lanes)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6 * Self.lanes) { sums in
      guard let sums = sums.baseAddress else { return }
      withPanel(i) { first in
        withPanel(j) { second in
          for (start, new) in [(0, 0), (6, 6), (10, 12)] where new < rows - row {
            LaneProducts.sums(
              first + start, places, second, places, count: count, into: sums)
            for r in new..<min(start + 6, rows - row) {
              let target = base + layout.offset(row + r, column)
              let columns = min(Self.lanes, row + r + 1 - column)
              VectorKernels.add(1, sums + (r - start) * Self.lanes, to: target, columns)
            }
          }
        }
      }
    }
  }
}
