import MatrixProducts

/// Memory for the sums of one tile.
final class TileScratch {
  let rows: UnsafeMutablePointer<Int32>
  let sum: UnsafeMutablePointer<Double>
  let size: UnsafeMutablePointer<Double>
  let spread: UnsafeMutablePointer<Double>?
  let error: UnsafeMutablePointer<Double>?
  let uncertainty: UnsafeMutablePointer<Double>?

  /// - Parameter tile: the most results of a row; six rows are held at once.
  init(tile: Int, spread: Bool, error: Bool, uncertainty: Bool) {
    let count = tile * LaneProducts.rows * LaneProducts.lanes
    func memory(_ isUsed: Bool = true) -> UnsafeMutablePointer<Double>? {
      isUsed ? .allocate(capacity: count) : nil
    }
    rows = .allocate(capacity: tile)
    sum = .allocate(capacity: count)
    size = .allocate(capacity: count)
    self.spread = memory(spread)
    self.error = memory(error)
    self.uncertainty = memory(uncertainty)
  }

  deinit {
    rows.deallocate()
    for memory in [sum, size, spread, error, uncertainty] { memory?.deallocate() }
  }

  /// The tile of some results, whose sums begin at a slot.
  func tile(_ results: Range<Int>, from slot: Int) -> SumTile {
    let place = slot * LaneProducts.lanes
    return SumTile(
      results: results, rows: UnsafeBufferPointer(start: rows, count: results.count),
      sum: sum + place, size: size + place, spread: spread.map { $0 + place },
      error: error.map { $0 + place }, uncertainty: uncertainty.map { $0 + place })
  }
}

/// The products of one operand x with coefficients.
struct TileProducts {
  private let x: SumKernel.Operand
  /// x's |m| + r + e, if it has r or e; for coefficients that are not exact.
  private let reach: [Float]
  /// Enlarges sums of magnitudes that were computed in float32.
  private let factor: Double
  private let underflow: Double

  init(x: SumKernel.Operand, terms: Int, largest: Double) {
    self.x = x
    let parts = [x.spread, x.error].compactMap(\.self)
    reach = parts.reduce(x.size) { sums, part in zip(sums, part).map { $0 + $1 } }
    factor = 1 + Double(terms + 8) * 0x1p-23
    underflow = Double(terms + 1) * (1 + largest) * 0x1p-148
  }

  /// Σ x and Σ |x| over the elements of one result.
  func plain(_ elements: [Int32], _ shift: Int, _ scratch: TileScratch, _ slot: Int) {
    let out = slot * LaneProducts.lanes
    add(
      UnsafePointer(x.middle.start), elements, shift, to: scratch.sum + out
    ) { $0 }
    add(x.size, elements, shift, to: scratch.size + out, enlarged)
    if let spread = x.spread, let to = scratch.spread {
      add(spread, elements, shift, to: to + out, enlarged)
    }
    if let error = x.error, let to = scratch.error {
      add(error, elements, shift, to: to + out, enlarged)
    }
  }

  private func enlarged(_ sum: Double) -> Double { sum * factor + underflow }

  @inline(__always)
  private func add<Element: BinaryFloatingPoint>(
    _ x: UnsafePointer<Element>, _ elements: [Int32], _ shift: Int,
    to sums: UnsafeMutablePointer<Double>, _ finish: (Double) -> Double
  ) {
    for l in 0..<LaneProducts.lanes { sums[l] = 0 }
    for element in elements {
      let first = shift + Int(element)
      for l in 0..<LaneProducts.lanes { sums[l] += Double(x[first + l]) }
    }
    for l in 0..<LaneProducts.lanes { sums[l] = finish(sums[l]) }
  }

  /// The sums of up to six rows of coefficients.
  func weighted(
    _ packed: PackedCoefficients, _ block: Int, _ rows: Int,
    _ lists: (rows: [Int32], elements: [Int32]), _ shift: Int, _ scratch: TileScratch,
    _ slot: (Int) -> Int
  ) {
    let lanes = LaneProducts.lanes
    lists.rows.withUnsafeBufferPointer { rowPlaces in
      lists.elements.withUnsafeBufferPointer { elementPlaces in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: LaneProducts.rows * lanes) {
          sums in
          guard let sums = sums.baseAddress else { return }
          packed.middle.withUnsafeBufferPointer { w in
            LaneProducts.sums(
              w.baseAddress! + block, rowPlaces.baseAddress, x.middle.start + shift,
              elementPlaces.baseAddress, count: rowPlaces.count, into: sums)
          }
          for r in 0..<rows {
            (scratch.sum + slot(r) * lanes).update(from: sums + r * lanes, count: lanes)
          }
        }
        func magnitudes(_ w: [Float], _ x: [Float]?, to: UnsafeMutablePointer<Double>?) {
          guard let x, let to else { return }
          magnitudeSums(w, block, rowPlaces, x, shift, elementPlaces, rows, slot, to)
        }
        magnitudes(packed.size, x.size, to: scratch.size)
        magnitudes(packed.size, x.spread, to: scratch.spread)
        magnitudes(packed.size, x.error, to: scratch.error)
        if let doubt = packed.uncertainty { magnitudes(doubt, reach, to: scratch.uncertainty) }
      }
    }
  }

  private func magnitudeSums(
    _ w: [Float], _ block: Int, _ rowPlaces: UnsafeBufferPointer<Int32>, _ x: [Float],
    _ shift: Int, _ elementPlaces: UnsafeBufferPointer<Int32>, _ rows: Int, _ slot: (Int) -> Int,
    _ out: UnsafeMutablePointer<Double>
  ) {
    let lanes = LaneProducts.lanes
    withUnsafeTemporaryAllocation(of: Float.self, capacity: LaneProducts.rows * lanes) { sums in
      guard let sums = sums.baseAddress else { return }
      w.withUnsafeBufferPointer { w in
        x.withUnsafeBufferPointer { x in
          LaneProducts.sums(
            w.baseAddress! + block, rowPlaces.baseAddress, x.baseAddress! + shift,
            elementPlaces.baseAddress, count: rowPlaces.count, into: sums)
        }
      }
      for r in 0..<rows {
        let row = out + slot(r) * lanes
        for l in 0..<lanes { row[l] = Double(sums[r * lanes + l]) * factor + underflow }
      }
    }
  }
}
