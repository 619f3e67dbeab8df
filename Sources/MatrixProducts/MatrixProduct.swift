import CMatrixKernels

/// A matrix in memory that others own: element (i, k) is at i·`rowStride` + k·`columnStride`.
public struct MatrixView: @unchecked Sendable {
  /// The address of element (0, 0).
  public let base: UnsafePointer<Double>
  /// The distance from one row to the next, in elements.
  public let rowStride: Int
  /// The distance from one column to the next, in elements.
  public let columnStride: Int

  /// A view whose memory must outlive it.
  public init(_ base: UnsafePointer<Double>, rowStride: Int, columnStride: Int = 1) {
    (self.base, self.rowStride, self.columnStride) = (base, rowStride, columnStride)
  }

  /// The view that begins at element (row, column).
  public func from(_ row: Int, _ column: Int) -> MatrixView {
    MatrixView(
      base + row * rowStride + column * columnStride, rowStride: rowStride,
      columnStride: columnStride)
  }
}

/// Matrix products in Double on one core.
///
/// Every element is a sum of the products of the definition, added in some order in blocks, each with or
/// without a fused multiply-add. So the a-priori bound of inner products holds: n products are summed with
/// an error of at most γₙ₊₁ Σ|aₖbₖ| (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., §3.1), with
/// one rounding more for the addition to what was there before. The instruction set is chosen by the features of
/// the processor; results may differ in their last bits between instruction sets, but not between runs.
public enum MatrixProduct {
  /// Which elements of the result are computed.
  public enum Part: Sendable, Hashable {
    case all
    /// Elements (i, j) with j ≤ i + offset; a few elements beyond may be computed as well.
    case lower(offset: Int)
  }

  /// The instruction set of the kernels, such as `avx2, fma`.
  public static var instructionSet: String { String(cString: lmtc_instruction_set()) }

  /// Products of a sum that are added before they are added to the result.
  public static let depth = 256
  /// Columns of B that are packed at once.
  private static let width = 32 * LaneProducts.lanes

  /// C ← C ± A Bᵀ, for A with `rows` rows and B with `columns` rows of `inner` elements each.
  ///
  /// Cost 2·rows·columns·inner operations, half of it for a lower part.
  /// - Parameters:
  ///   - c: row-major; must not overlap A or B.
  ///   - isSubtracted: whether the product is subtracted.
  public static func accumulate(
    _ a: MatrixView, _ b: MatrixView, rows: Int, columns: Int, inner: Int,
    into c: UnsafeMutablePointer<Double>, stride: Int, part: Part = .all,
    isSubtracted: Bool = false
  ) {
    guard rows > 0, columns > 0, inner > 0 else { return }
    let panel = min(depth, inner)
    let (height, lanes) = (LaneProducts.rows, LaneProducts.lanes)
    let packed = (min(width, columns) + lanes - 1) / lanes * lanes
    withUnsafeTemporaryAllocation(
      of: Double.self, capacity: panel * (packed + height) + height * lanes
    ) { memory in
      guard let packedB = memory.baseAddress else { return }
      let tile = Tile(
        a: packedB + panel * packed, b: packedB, sums: packedB + panel * (packed + height))
      for first in Swift.stride(from: 0, to: inner, by: panel) {
        let count = min(panel, inner - first)
        for column in Swift.stride(from: 0, to: columns, by: width) {
          let block = Block(
            rows: rows, columns: column..<min(columns, column + width), inner: count)
          multiply(
            block, a.from(0, first), b.from(0, first), tile, c, stride, part, isSubtracted)
        }
      }
    }
  }

  /// Memory for packed operands and the sums of one tile.
  private struct Tile {
    let a: UnsafeMutablePointer<Double>
    let b: UnsafeMutablePointer<Double>
    let sums: UnsafeMutablePointer<Double>
  }

  private struct Block {
    let rows: Int
    let columns: Range<Int>
    let inner: Int
  }

  private static func multiply(
    _ block: Block, _ a: MatrixView, _ b: MatrixView, _ tile: Tile,
    _ c: UnsafeMutablePointer<Double>, _ stride: Int, _ part: Part, _ isSubtracted: Bool
  ) {
    let (start, end) = (block.columns.lowerBound, block.columns.upperBound)
    let (height, lanes) = (LaneProducts.rows, LaneProducts.lanes)
    for column in Swift.stride(from: start, to: end, by: lanes) {
      pack(
        b.from(column, 0), min(lanes, end - column), of: lanes, block.inner,
        tile.b + (column - start) * block.inner)
    }
    for row in Swift.stride(from: 0, to: block.rows, by: height) {
      let count = min(height, block.rows - row)
      let limit = last(part, row + count - 1, end)
      guard limit > start else { continue }
      pack(a.from(row, 0), count, of: height, block.inner, tile.a)
      for column in Swift.stride(from: start, to: limit, by: lanes) {
        LaneProducts.sums(
          tile.a, Places.rows, tile.b + (column - start) * block.inner, Places.lanes,
          count: block.inner, into: tile.sums)
        add(
          tile.sums, count, min(lanes, end - column), to: c + row * stride + column, stride,
          isSubtracted)
      }
    }
  }

  /// The end of the columns that a row needs.
  private static func last(_ part: Part, _ row: Int, _ end: Int) -> Int {
    switch part {
    case .all: end
    case .lower(let offset): min(end, row + offset + 1)
    }
  }

  private static func pack(
    _ view: MatrixView, _ count: Int, of width: Int, _ inner: Int,
    _ packed: UnsafeMutablePointer<Double>
  ) {
    if count == width, view.rowStride == 1 {
      for k in 0..<inner {
        let column = view.base + k * view.columnStride
        for r in 0..<width { packed[k * width + r] = column[r] }
      }
      return
    }
    let together = view.columnStride == 1 ? min(count, width) / 4 * 4 : 0
    for r in stride(from: 0, to: together, by: 4) {
      packFour(view.base + r * view.rowStride, view.rowStride, inner, packed + r, width)
    }
    for r in together..<width {
      guard r < count else {
        for k in 0..<inner { packed[k * width + r] = 0 }
        continue
      }
      let row = view.base + r * view.rowStride
      for k in 0..<inner { packed[k * width + r] = row[k * view.columnStride] }
    }
  }

  /// Packs four rows of consecutive elements, four columns at a time.
  private static func packFour(
    _ rows: UnsafePointer<Double>, _ stride: Int, _ inner: Int,
    _ packed: UnsafeMutablePointer<Double>, _ width: Int
  ) {
    func load(_ row: Int, _ k: Int) -> SIMD4<Double> {
      UnsafeRawPointer(rows + row * stride + k).loadUnaligned(as: SIMD4<Double>.self)
    }
    func store(_ values: SIMD4<Double>, _ k: Int) {
      UnsafeMutableRawPointer(packed + k * width).storeBytes(of: values, as: SIMD4<Double>.self)
    }
    var k = 0
    while k + 4 <= inner {
      let (a, b, c, d) = (load(0, k), load(1, k), load(2, k), load(3, k))
      store(SIMD4(a[0], b[0], c[0], d[0]), k)
      store(SIMD4(a[1], b[1], c[1], d[1]), k + 1)
      store(SIMD4(a[2], b[2], c[2], d[2]), k + 2)
      store(SIMD4(a[3], b[3], c[3], d[3]), k + 3)
      k += 4
    }
    while k < inner {
      store(SIMD4(rows[k], rows[stride + k], rows[2 * stride + k], rows[3 * stride + k]), k)
      k += 1
    }
  }

  private static func add(
    _ sums: UnsafePointer<Double>, _ rows: Int, _ columns: Int,
    to c: UnsafeMutablePointer<Double>, _ stride: Int, _ isSubtracted: Bool
  ) {
    for r in 0..<rows {
      let (row, sum) = (c + r * stride, sums + r * LaneProducts.lanes)
      if isSubtracted {
        for l in 0..<columns { row[l] -= sum[l] }
      } else {
        for l in 0..<columns { row[l] += sum[l] }
      }
    }
  }
}

/// The places of the k-th elements of packed operands.
enum Places {
  nonisolated(unsafe) static let rows = table(LaneProducts.rows)
  nonisolated(unsafe) static let lanes = table(LaneProducts.lanes)

  private static func table(_ step: Int) -> UnsafePointer<Int32> {
    let places = UnsafeMutablePointer<Int32>.allocate(capacity: MatrixProduct.depth)
    for k in 0..<MatrixProduct.depth { places[k] = Int32(k * step) }
    return UnsafePointer(places)
  }
}
