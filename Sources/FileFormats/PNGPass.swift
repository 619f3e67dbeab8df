/// A pass of a PNG image: the whole image, or one of the seven reduced images of Adam7 interlacing.
struct PNGPass {
  let firstColumn: Int
  let firstRow: Int
  let columnStep: Int
  let rowStep: Int
  let columns: Int
  let rows: Int
  /// Bytes of a row without its filter byte.
  let rowBytes: Int

  /// Bytes of all rows with their filter bytes.
  var bytes: Int { rows * (rowBytes + 1) }

  /// The passes in the order of the file, without empty ones.
  static func all(_ header: PNGHeader) -> [PNGPass] {
    let steps =
      header.isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    return steps.compactMap { x, y, dx, dy in
      let columns = (header.width - x + dx - 1) / dx
      let rows = (header.height - y + dy - 1) / dy
      guard columns > 0, rows > 0 else { return nil }
      return PNGPass(
        firstColumn: x, firstRow: y, columnStep: dx, rowStep: dy, columns: columns, rows: rows,
        rowBytes: (columns * header.color.samples * header.depth + 7) / 8)
    }
  }

  /// Undoes the filters of the rows that begin at an offset; false for an unknown filter.
  ///
  /// - Parameter distance: bytes of a whole pixel, at least 1.
  func unfilter(_ bytes: inout [UInt8], at offset: Int, distance: Int) -> Bool {
    for row in 0..<rows {
      let start = offset + row * (rowBytes + 1) + 1
      let filter = bytes[start - 1]
      guard filter <= 4 else { return false }
      for place in 0..<rowBytes where filter > 0 {
        let left = place >= distance ? Int(bytes[start + place - distance]) : 0
        let above = row > 0 ? Int(bytes[start + place - rowBytes - 1]) : 0
        let corner =
          row > 0 && place >= distance ? Int(bytes[start + place - rowBytes - 1 - distance]) : 0
        let predicted =
          switch filter {
          case 1: left
          case 2: above
          case 3: (left + above) / 2
          default: Self.paeth(left, above, corner)
          }
        bytes[start + place] &+= UInt8(truncatingIfNeeded: predicted)
      }
    }
    return true
  }

  /// The neighbor nearest to left + above − corner.
  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let (toLeft, toAbove) = (abs(above - corner), abs(left - corner))
    let toCorner = abs(left + above - 2 * corner)
    if toLeft <= toAbove, toLeft <= toCorner { return left }
    return toAbove <= toCorner ? above : corner
  }
}
