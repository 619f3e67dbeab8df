import Diagnostics

/// The type of an array's little-endian elements.
public enum ElementType: String, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether an element may be NaN or infinite, or leave the range of float32.
  public var mayOverflow: Bool {
    switch self {
    case .float32, .float64: true
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: false
    }
  }

  /// The element at an offset in bytes; integers beyond 2⁵³ are rounded.
  @inlinable
  public func value(at offset: Int, of bytes: UnsafeRawBufferPointer) -> Double {
    func load<Element: FixedWidthInteger>(_ type: Element.Type) -> Element {
      Element(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }
    return switch self {
    case .uint8: Double(load(UInt8.self))
    case .int8: Double(load(Int8.self))
    case .uint16: Double(load(UInt16.self))
    case .int16: Double(load(Int16.self))
    case .uint32: Double(load(UInt32.self))
    case .int32: Double(load(Int32.self))
    case .uint64: Double(load(UInt64.self))
    case .int64: Double(load(Int64.self))
    case .float32: Double(Float(bitPattern: load(UInt32.self)))
    case .float64: Double(bitPattern: load(UInt64.self))
    }
  }

  /// `count` elements starting at an offset.
  public func values(
    of source: any ByteSource, at offset: Int, count: Int
  ) throws(Failure) -> [Double] {
    let bytes = try source.bytes(offset..<offset + count * size)
    return bytes.withUnsafeBytes { raw in (0..<count).map { value(at: $0 * size, of: raw) } }
  }
}
