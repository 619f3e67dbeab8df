import Diagnostics
import FileFormats
import ModelIR

/// An IDX file taken apart: two zero bytes, the element type, the rank, big-endian extents, elements.
///
/// Only unsigned bytes are elements here, which is what labelled image sets use.
/// Sizes are compared with the file before anything is allocated.
struct IDXArray {
  /// The extent of each axis, the first of them the number of samples.
  let extents: [Int]
  /// The offset of the elements, row-major.
  let start: Int

  private static let typeNames: [UInt8: String] = [
    0x08: "unsigned byte", 0x09: "signed byte", 0x0B: "16-bit integer", 0x0C: "32-bit integer",
    0x0D: "32-bit float", 0x0E: "64-bit float",
  ]

  /// Reads a file whose rank must lie in `ranks`; throws `data.…` with the offset of the fault.
  init(_ file: DataFile, ranks: ClosedRange<Int>) throws(Failure) {
    let count = file.source.count
    let rank = try Self.rank(file, in: ranks)
    start = 4 + 4 * rank
    guard count >= start else {
      throw file.fault(
        "truncated", "an IDX header of rank \(rank) has \(start) bytes, the file has \(count)",
        at: count)
    }
    let header = try file.source.prefix(start)
    extents = stride(from: 4, to: start, by: 4).map { Self.bigEndian(header, at: $0) }
    let found = count - start
    guard let required = extents.checkedProduct else {
      throw file.fault(
        "size-overflow",
        "the header declares \(extents.shapeText) elements, more than any file holds",
        at: 4)
    }
    guard required > 0 else {
      throw file.fault("empty", "the header declares \(extents.shapeText), no elements", at: 4)
    }
    guard found >= required else {
      throw file.fault(
        "truncated",
        "\(extents.shapeText) needs \(required) bytes after the header, found \(found)",
        at: count)
    }
    guard found == required else {
      throw file.fault(
        "trailing-bytes",
        "\(extents.shapeText) needs \(required) bytes after the header, found \(found)",
        at: start + required)
    }
  }

  /// The rank that the magic bytes state.
  private static func rank(_ file: DataFile, in ranks: ClosedRange<Int>) throws(Failure) -> Int {
    let bytes = try file.source.prefix(4)
    guard bytes.count == 4 else {
      throw file.fault(
        bytes.isEmpty ? "empty" : "truncated",
        "an IDX file starts with 4 magic bytes, the file has \(bytes.count)", at: bytes.count)
    }
    try file.require(.idx, for: IDXFormat.kind)
    guard bytes[2] == 0x08 else {
      let name = typeNames[bytes[2]] ?? "unknown"
      throw file.fault(
        "element-type", "elements must be unsigned bytes (type 8), found type \(bytes[2]), \(name)",
        at: 2)
    }
    guard ranks.contains(Int(bytes[3])) else {
      let required =
        ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw file.fault("rank", "the rank must be \(required), found \(bytes[3])", at: 3)
    }
    return Int(bytes[3])
  }

  private static func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
