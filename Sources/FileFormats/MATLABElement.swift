import Diagnostics

/// The tag of a data element of a MATLAB 5 file, and where its data are.
struct MATLABElement {
  /// What a data element holds, by the format's numbers.
  enum Kind: Int {
    case int8 = 1, uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12, uint64, matrix, compressed

    /// The elements of an array stored so; nil for what is no array of numbers.
    var element: ElementType? {
      switch self {
      case .int8: .int8
      case .uint8: .uint8
      case .int16: .int16
      case .uint16: .uint16
      case .int32: .int32
      case .uint32: .uint32
      case .single: .float32
      case .double: .float64
      case .int64: .int64
      case .uint64: .uint64
      case .matrix, .compressed: nil
      }
    }
  }

  /// Nil for a number that the format does not define.
  let kind: Kind?
  /// The offset of the data.
  let start: Int
  /// Bytes of data.
  let size: Int
  /// The offset of the element after this one, at a multiple of 8 bytes.
  let next: Int

  /// Reads the tag at an offset, short form included; nil if it or its data end after the source.
  static func read(_ source: any ByteSource, at offset: Int) throws(Failure) -> MATLABElement? {
    guard offset + 8 <= source.count else { return nil }
    let tag = try source.bytes(offset..<offset + 8)
    let (first, second) = (long(tag, 0), long(tag, 4))
    // In the short form the size stands in the upper half and the data in place of the size.
    if first >> 16 != 0 {
      guard first >> 16 <= 4 else { return nil }
      return MATLABElement(
        kind: Kind(rawValue: first & 0xFFFF), start: offset + 4, size: first >> 16,
        next: offset + 8)
    }
    let kind = Kind(rawValue: first)
    let end = offset + 8 + second
    let padding = kind == .compressed ? 0 : (8 - second % 8) % 8
    guard end <= source.count else { return nil }
    return MATLABElement(kind: kind, start: offset + 8, size: second, next: end + padding)
  }

  /// A little-endian 32-bit integer.
  static func long(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
