import Diagnostics
import ModelIR

/// An IDX file taken apart: two zero bytes, the element type, the rank, big-endian extents, elements.
///
/// Only unsigned bytes are elements here, which is what labelled image sets use.
/// Sizes are compared with the file before anything is allocated.
struct IDXArray {
  /// The extent of each axis, the first of them the number of samples.
  let extents: [Int]
  /// The elements, row-major; indices are offsets in the file.
  let elements: ArraySlice<UInt8>

  private static let typeNames: [UInt8: String] = [
    0x08: "unsigned byte", 0x09: "signed byte", 0x0B: "16-bit integer", 0x0C: "32-bit integer",
    0x0D: "32-bit float", 0x0E: "64-bit float",
  ]

  /// Reads a file whose rank must lie in `ranks`; throws `data.…` with the offset of the fault.
  init(_ file: DataFile, ranks: ClosedRange<Int>) throws(Failure) {
    let bytes = file.bytes
    try Self.checkMagic(file, ranks: ranks)
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else {
      throw file.fault(
        "truncated",
        "an IDX header of rank \(bytes[3]) has \(start) bytes, the file has \(bytes.count)",
        at: bytes.count)
    }
    extents = stride(from: 4, to: start, by: 4).map { Self.bigEndian(bytes, at: $0) }
    let found = bytes.count - start
    guard let required = Self.product(extents) else {
      throw file.fault(
        "size-overflow",
        "the header declares \(shapeText(extents)) elements, more than any file holds",
        at: 4)
    }
    guard required > 0 else {
      throw file.fault("empty", "the header declares \(shapeText(extents)), no elements", at: 4)
    }
    guard found >= required else {
      throw file.fault(
        "truncated",
        "\(shapeText(extents)) needs \(required) bytes after the header, found \(found)",
        at: bytes.count)
    }
    guard found == required else {
      throw file.fault(
        "trailing-bytes",
        "\(shapeText(extents)) needs \(required) bytes after the header, found \(found)",
        at: start + required)
    }
    elements = bytes[start...]
  }

  private static func checkMagic(_ file: DataFile, ranks: ClosedRange<Int>) throws(Failure) {
    let bytes = file.bytes
    guard bytes.count >= 4 else {
      throw file.fault(
        bytes.isEmpty ? "empty" : "truncated",
        "an IDX file starts with 4 magic bytes, the file has \(bytes.count)", at: bytes.count)
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw file.fault(
        "magic", "an IDX file starts with two zero bytes, found \(bytes[0]) and \(bytes[1])", at: 0)
    }
    guard bytes[2] == 0x08 else {
      let name = typeNames[bytes[2]] ?? "no IDX type"
      throw file.fault(
        "element-type", "elements must be unsigned bytes (type 8), found type \(bytes[2]), \(name)",
        at: 2)
    }
    guard ranks.contains(Int(bytes[3])) else {
      let required =
        ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw file.fault("rank", "the rank must be \(required), found \(bytes[3])", at: 3)
    }
  }

  private static func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func product(_ extents: [Int]) -> Int? {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return product
  }
}
