import CZlib

/// A PNG image to write; its samples are a function of column, row and position in the pixel.
public struct PNGFixture: Sendable {
  /// Columns.
  public var width = 5
  /// Rows.
  public var height = 6
  /// The color type's number.
  public var color = 0
  /// Bits of a sample.
  public var depth = 8
  /// Whether the pixels are stored in the seven passes of Adam7.
  public var isInterlaced = false
  /// Red, green and blue of each color; written unless empty.
  public var palette: [UInt8] = []
  /// The contents of a transparency chunk; written unless empty.
  public var alpha: [UInt8] = []
  /// The samples.
  public var sample: @Sendable (_ x: Int, _ y: Int, _ place: Int) -> Int = { x, y, place in
    x * 31 + y * 57 + place * 85
  }

  /// A gray image.
  public init() {}

  /// Samples of a pixel.
  public var samples: Int { [1, 0, 3, 1, 2, 0, 4][color] }

  /// The file.
  ///
  /// Row i of each pass has the filter i mod 5.
  public func file() -> [UInt8] {
    let header =
      big(width) + big(height)
      + [UInt8(depth), UInt8(color), 0, 0, isInterlaced ? 1 : 0]
    let steps =
      isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    let data = deflated(steps.flatMap(pass), windowBits: 15)
    return [0x89] + "PNG\r\n\u{1A}\n".utf8 + pngChunk("IHDR", header)
      + (palette.isEmpty ? [] : pngChunk("PLTE", palette))
      + (alpha.isEmpty ? [] : pngChunk("tRNS", alpha))
      + pngChunk("tEXt", Array("Title\0made by a test".utf8))
      + pngChunk("IDAT", Array(data[..<(data.count / 2)]))
      + pngChunk("IDAT", Array(data[(data.count / 2)...])) + pngChunk("IEND", [])
  }

  /// The filtered rows of a pass.
  private func pass(_ firstX: Int, _ firstY: Int, _ stepX: Int, _ stepY: Int) -> [UInt8] {
    let distance = max(1, samples * depth / 8)
    var above: [UInt8] = []
    var result: [UInt8] = []
    for (index, y) in stride(from: firstY, to: height, by: stepY).enumerated() {
      let row = packed(stride(from: firstX, to: width, by: stepX).map { $0 }, y)
      guard !row.isEmpty else { return [] }
      let filter = index % 5
      result.append(UInt8(filter))
      for place in row.indices {
        let left = place >= distance ? Int(row[place - distance]) : 0
        let up = above.isEmpty ? 0 : Int(above[place])
        let corner = above.isEmpty || place < distance ? 0 : Int(above[place - distance])
        let estimate = left + up - corner
        let nearest = [left, up, corner].min { abs(estimate - $0) < abs(estimate - $1) } ?? 0
        let predicted = [0, left, up, (left + up) / 2, nearest][filter]
        result.append(UInt8(truncatingIfNeeded: Int(row[place]) - predicted))
      }
      above = row
    }
    return result
  }

  /// The samples of a row, packed from the highest bit on.
  private func packed(_ columns: [Int], _ y: Int) -> [UInt8] {
    let bits = columns.flatMap { x in
      (0..<samples).flatMap { place in
        (0..<depth).reversed().map { sample(x, y, place) >> $0 & 1 }
      }
    }
    return stride(from: 0, to: bits.count, by: 8).map { start in
      (0..<8).reduce(0) { byte, bit in
        byte << 1 | UInt8(start + bit < bits.count ? bits[start + bit] : 0)
      }
    }
  }
}

/// A chunk with its checksum.
public func pngChunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + data
  let sum = body.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
  return big(data.count) + body + big(Int(sum))
}

private func big(_ value: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}
