import MatrixProducts

/// A linear map's rows in blocks of six that read the same columns, ready to be multiplied with sixteen vectors
/// at once.
///
/// Every sum has the products of the map's row, in some order, each with or without a fused multiply-add. Zeros
/// that fill up a block belong to no row.
final class PackedMap: @unchecked Sendable {
  /// Rows with one pattern and one shift of columns.
  private struct Block {
    /// Where the pattern's places begin.
    let pattern: Int
    let count: Int
    let column: Int
    /// Where the block's coefficients begin.
    let coefficients: Int
    /// The rows, fewer than six in the last block of a kind.
    let rows: [Int32]
  }

  let map: LinearMap
  private var blocks: [Block] = []
  /// For each element of a pattern, six times its place in a block of coefficients and sixteen times its column.
  private let rowPlaces: [Int32]
  private let vectorPlaces: [Int32]
  /// Six rows side by side.
  private let coefficients: [Double]
  private let magnitudes: [Double]

  /// - Parameter hasMagnitudes: whether the map of magnitudes is needed too.
  init(_ map: LinearMap, hasMagnitudes: Bool = false) {
    self.map = map
    let structure = map.structure
    // One number more, so that none of the arrays is empty.
    rowPlaces = structure.places.map { $0 * Int32(LaneProducts.rows) } + [0]
    vectorPlaces = structure.columns.map { $0 * Int32(Lanes.width) } + [0]
    var packed: [Double] = [0]
    var known: [[Int32]: Int] = [:]
    for (rows, pattern, column) in structure.families {
      let range = structure.range(of: pattern)
      for start in stride(from: 0, to: rows.count, by: LaneProducts.rows) {
        let block = Array(rows[start..<min(start + LaneProducts.rows, rows.count)])
        let shifts = block.map { structure.shift(ofRow: Int($0)) }
        // Patterns of one map of images share the coefficients, whose places are the same for all positions.
        let place = known[shifts] ?? packed.count
        if known[shifts] == nil {
          known[shifts] = place
          Self.append(shifts, structure.extent, map.coefficients, to: &packed)
        }
        blocks.append(
          Block(
            pattern: range.lowerBound, count: range.count, column: column, coefficients: place,
            rows: block))
      }
    }
    coefficients = packed
    magnitudes = hasMagnitudes ? packed.map(\.magnitude) : []
  }

  private static func append(
    _ shifts: [Int32], _ extent: Int, _ coefficients: [Double], to packed: inout [Double]
  ) {
    for place in 0..<extent {
      for r in 0..<LaneProducts.rows {
        let index = r < shifts.count ? place + Int(shifts[r]) : -1
        packed.append(coefficients.indices.contains(index) ? coefficients[index] : 0)
      }
    }
  }

  /// y = A x for sixteen vectors, or |A| x.
  func multiply(_ x: Lanes, into y: Lanes, magnitudes isAbsolute: Bool = false) {
    multiply(x.base, isAbsolute) { row, sums in
      let result = y.base + Int(row) * Lanes.width
      result.update(from: sums, count: Lanes.width)
    }
  }

  private func multiply(
    _ x: UnsafePointer<Double>, _ isAbsolute: Bool,
    _ body: (_ row: Int32, _ sums: UnsafePointer<Double>) -> Void
  ) {
    withMemory(isAbsolute) { coefficients, rowPlaces, vectorPlaces, sums in
      for block in blocks {
        LaneProducts.sums(
          coefficients + block.coefficients, rowPlaces + block.pattern,
          x + block.column * Lanes.width, vectorPlaces + block.pattern, count: block.count,
          into: sums)
        for (r, row) in block.rows.enumerated() { body(row, sums + r * Lanes.width) }
      }
    }
  }

  /// y = A x for sixteen vectors of which only some elements differ from 0; `body` gets the rows that read one.
  func multiply(
    sparse x: Lanes, isZero: [Bool], where isNeeded: (_ rows: [Int32]) -> Bool,
    _ body: (_ row: Int32, _ sums: UnsafePointer<Double>) -> Void
  ) {
    var (rows, vectors): ([Int32], [Int32]) = ([], [])
    withMemory(false) { coefficients, rowPlaces, vectorPlaces, sums in
      for block in blocks where isNeeded(block.rows) {
        rows.removeAll(keepingCapacity: true)
        vectors.removeAll(keepingCapacity: true)
        for k in block.pattern..<block.pattern + block.count {
          let place = Int(vectorPlaces[k]) / Lanes.width + block.column
          guard !isZero[place] else { continue }
          rows.append(rowPlaces[k])
          vectors.append(vectorPlaces[k])
        }
        guard !rows.isEmpty else { continue }
        rows.withUnsafeBufferPointer { rows in
          vectors.withUnsafeBufferPointer { vectors in
            LaneProducts.sums(
              coefficients + block.coefficients, rows.baseAddress,
              x.base + block.column * Lanes.width, vectors.baseAddress, count: rows.count,
              into: sums)
          }
        }
        for (r, row) in block.rows.enumerated() { body(row, sums + r * Lanes.width) }
      }
    }
  }

  private func withMemory(
    _ isAbsolute: Bool,
    _ body: (
      UnsafePointer<Double>, UnsafePointer<Int32>, UnsafePointer<Int32>,
      UnsafeMutablePointer<Double>
    ) -> Void
  ) {
    let values = isAbsolute ? magnitudes : coefficients
    values.withUnsafeBufferPointer { values in
      rowPlaces.withUnsafeBufferPointer { rows in
        vectorPlaces.withUnsafeBufferPointer { vectors in
          withUnsafeTemporaryAllocation(
            of: Double.self, capacity: LaneProducts.rows * Lanes.width
          ) { sums in
            guard let v = values.baseAddress, let r = rows.baseAddress,
              let c = vectors.baseAddress, let s = sums.baseAddress
            else { preconditionFailure("no memory") }
            body(v, r, c, s)
          }
        }
      }
    }
  }
}
