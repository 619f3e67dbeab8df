import MatrixProducts
import TensorGraph

/// The sums of a tile of results, before anything is known about their rounding.
struct SumTile {
  /// The results, consecutive in row-major order.
  let results: Range<Int>
  /// For each result, its row's place in ``SumKernel/rows``.
  let rows: UnsafeBufferPointer<Int32>
  /// Σ w·m as computed in Double, for each result and lane.
  let sum: UnsafePointer<Double>
  /// At least Σ |w||m|.
  let size: UnsafePointer<Double>
  /// At least Σ |w|r, if x has half-widths r.
  let spread: UnsafePointer<Double>?
  /// At least Σ |w|e, if x has errors e.
  let error: UnsafePointer<Double>?
  /// At least Σ d(|m| + r + e), if w is known up to d.
  let uncertainty: UnsafePointer<Double>?
}

/// Computes sums of products Σ w·x for 16 samples at once.
///
/// Σ w·m is computed in Double. Sums of magnitudes are computed in float32 and enlarged: all terms are
/// non-negative, so n products have a relative error of at most γₙ₊₂ < (n + 8)·2⁻²³ with the conversions of both
/// factors, and n·2⁻¹⁴⁸(1 + max|w|) covers what underflows (Higham 2002, §3.1).
struct SumKernel: Sendable {
  /// The operand x, with 16 lanes.
  struct Operand {
    let middle: LaneMemory
    /// |m|, rounded to nearest.
    let size: [Float]
    /// Half-widths of the intervals around m; nil if they are points.
    var spread: [Float]?
    /// Bounds of the executed elements' errors; nil if a bound for all is known.
    var error: [Float]?

    init(_ middle: LaneMemory, spread: [Double]? = nil, error: [Double]? = nil) {
      self.middle = middle
      size = Self.magnitudes(
        UnsafeBufferPointer(start: middle.start, count: middle.count * LaneProducts.lanes))
      self.spread = spread.map { $0.withUnsafeBufferPointer(Self.magnitudes) }
      self.error = error.map { $0.withUnsafeBufferPointer(Self.magnitudes) }
    }

    private static func magnitudes(_ x: UnsafeBufferPointer<Double>) -> [Float] {
      Array(unsafeUninitializedCapacity: x.count) { out, count in
        for i in x.indices { out.initializeElement(at: i, to: Float(x[i].magnitude)) }
        count = x.count
      }
    }
  }

  /// What is known about the coefficients of a row at a position.
  struct Row: Sendable {
    /// At least ‖w‖.
    var norm = 0.0
    /// At least the norms of the positive and of the negative coefficients.
    var signedNorm = 0.0
    /// At least Σ |w|.
    var sum = 0.0
    /// At least ‖d‖ for the errors d of the coefficients.
    var uncertainNorm = 0.0
  }

  let geometry: SumGeometry
  /// By family, taps and row.
  let rows: [Row]
  private let rowsPerFamily: Int
  private let coefficients: PackedCoefficients
  private let places: [(rows: [Int32], elements: [Int32])]

  /// - Parameters:
  ///   - w: the intervals and errors of the other operand; nil if all coefficients are 1.
  init(_ geometry: SumGeometry, w: RoundedTensor?) {
    self.geometry = geometry
    let packed = PackedCoefficients(geometry, w)
    coefficients = packed
    places = geometry.taps.map { taps in
      (
        taps.coefficients.map { Int32($0 * LaneProducts.rows) },
        taps.elements.map { Int32($0 * LaneProducts.lanes) }
      )
    }
    rowsPerFamily = geometry.families.map(\.rows).max() ?? 0
    rows = Self.rows(geometry, packed, rowsPerFamily)
  }

  private static func rows(
    _ geometry: SumGeometry, _ packed: PackedCoefficients, _ count: Int
  ) -> [Row] {
    geometry.families.indices.flatMap { family in
      geometry.taps.flatMap { taps in
        (0..<count).map { row in
          row < geometry.families[family].rows ? packed.row(family, row, taps) : Row()
        }
      }
    }
  }

  /// Calls `body` for all tiles of the results.
  func forEachTile(_ x: Operand, _ body: (SumTile) -> Void) {
    let scratch = TileScratch(
      tile: Self.tile, spread: x.spread != nil, error: x.error != nil,
      uncertainty: coefficients.uncertainty != nil)
    let products = TileProducts(x: x, terms: geometry.terms, largest: coefficients.largest)
    for family in geometry.families.indices {
      if geometry.positionStride == 1 || geometry.families[family].rows == 1 {
        alongPositions(family, products, scratch, body)
      } else {
        alongRows(family, products, scratch, body)
      }
    }
  }

  /// The most results of a tile; a multiple of the rows of a block.
  private static let tile = 96

  private func alongPositions(
    _ index: Int, _ products: TileProducts, _ scratch: TileScratch, _ body: (SumTile) -> Void
  ) {
    let family = geometry.families[index]
    for start in stride(from: 0, to: geometry.positions.count, by: Self.tile) {
      let positions = start..<min(start + Self.tile, geometry.positions.count)
      for row in stride(from: 0, to: family.rows, by: LaneProducts.rows) {
        for (slot, position) in positions.enumerated() {
          compute(index, row, position, products, scratch) { r in r * Self.tile + slot }
        }
        for r in 0..<min(LaneProducts.rows, family.rows - row) {
          for (slot, position) in positions.enumerated() {
            scratch.rows[slot] = place(index, geometry.positions[position].taps, row + r)
          }
          let first = family.first + (row + r) * family.rowStride + start
          body(
            scratch.tile(first..<first + positions.count, from: r * Self.tile)
          )
        }
      }
    }
  }

  private func alongRows(
    _ index: Int, _ products: TileProducts, _ scratch: TileScratch, _ body: (SumTile) -> Void
  ) {
    let family = geometry.families[index]
    for position in geometry.positions.indices {
      for start in stride(from: 0, to: family.rows, by: Self.tile) {
        let count = min(Self.tile, family.rows - start)
        for row in stride(from: 0, to: count, by: LaneProducts.rows) {
          compute(index, start + row, position, products, scratch) { row + $0 }
        }
        for r in 0..<count {
          scratch.rows[r] = place(index, geometry.positions[position].taps, start + r)
        }
        let first = family.first + position * geometry.positionStride + start
        body(scratch.tile(first..<first + count, from: 0))
      }
    }
  }

  /// Calls `body` with the place of the row of each result and the result's index.
  func forEachPlace(_ body: (Int, Int) -> Void) {
    for (index, family) in geometry.families.enumerated() {
      for (number, position) in geometry.positions.enumerated() {
        for row in 0..<family.rows {
          body(
            Int(place(index, position.taps, row)),
            family.first + row * family.rowStride + number * geometry.positionStride)
        }
      }
    }
  }

  private func place(_ family: Int, _ taps: Int, _ row: Int) -> Int32 {
    Int32((family * geometry.taps.count + taps) * rowsPerFamily + row)
  }

  /// The sums of up to six rows at a position; row r of them goes to `slot(r)`.
  private func compute(
    _ family: Int, _ row: Int, _ position: Int, _ products: TileProducts, _ scratch: TileScratch,
    slot: (Int) -> Int
  ) {
    let place = geometry.positions[position]
    let shift = (place.shift + geometry.families[family].shift) * LaneProducts.lanes
    let lists = places[place.taps]
    guard geometry.places != nil else {
      return products.plain(lists.elements, shift, scratch, slot(0))
    }
    let rows = min(LaneProducts.rows, geometry.families[family].rows - row)
    products.weighted(
      coefficients, coefficients.block(family, row), rows, lists, shift, scratch, slot)
  }
}
