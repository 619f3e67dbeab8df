/// Little-endian floating-point elements as files store them.
public enum TensorBytes {
  /// The element types that are read; everything becomes float32.
  enum ElementType {
    case float32, float64

    /// Bytes of one element.
    var size: Int {
      switch self {
      case .float32: 4
      case .float64: 8
      }
    }
  }

  /// The elements rounded to float32, and the offset of the first that is not finite.
  ///
  /// The number of bytes must be a multiple of the element's size.
  static func decode(
    _ bytes: ArraySlice<UInt8>, _ type: ElementType
  ) -> (elements: [Float], notFinite: Int?) {
    let elements = bytes.withUnsafeBytes { raw in
      (0..<raw.count / type.size).map { index -> Float in
        switch type {
        case .float32:
          let bits = raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
          return Float(bitPattern: UInt32(littleEndian: bits))
        case .float64:
          let bits = raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
          return Float(Double(bitPattern: UInt64(littleEndian: bits)))
        }
      }
    }
    let wrong = elements.firstIndex { !$0.isFinite }
    return (elements, wrong.map { bytes.startIndex + $0 * type.size })
  }

  /// Appends elements as little-endian float32.
  public static func append(_ elements: [Float], to bytes: inout [UInt8]) {
    let words = elements.map { $0.bitPattern.littleEndian }
    words.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
