import Diagnostics

/// The head of a matrix in a MATLAB 5 file: class, extents and name, before its numbers.
struct MATLABMatrix {
  /// The longest head that is read, in bytes; MATLAB's own names have at most 63.
  static let headLimit = 1024

  let name: String
  let extents: [Int]
  /// Whether the matrix is a full, real array of numbers.
  let isNumeric: Bool
  /// The offset of the element with the numbers.
  let next: Int

  /// Reads the head of the matrix whose data begin at an offset; nil if it is malformed.
  init?(_ source: any ByteSource, at offset: Int) throws(Failure) {
    guard let flags = try MATLABElement.read(source, at: offset), flags.kind == .uint32,
      flags.size == 8,
      let extents = try MATLABElement.read(source, at: flags.next), extents.kind == .int32,
      extents.size % 4 == 0, (8...128).contains(extents.size),
      let name = try MATLABElement.read(source, at: extents.next), name.kind == .int8,
      name.size <= 512
    else { return nil }
    let word = MATLABElement.long(try source.bytes(flags.start..<flags.start + 4), 0)
    isNumeric = (6...15).contains(word & 0xFF) && word & 0x0800 == 0
    let numbers = try source.bytes(extents.start..<extents.start + extents.size)
    self.extents = stride(from: 0, to: extents.size, by: 4).map { MATLABElement.long(numbers, $0) }
    let text = try source.bytes(name.start..<name.start + name.size)
    self.name = String(decoding: text, as: UTF8.self)
    next = name.next
    // An extent is a signed number.
    guard self.extents.allSatisfy({ $0 < 1 << 31 }) else { return nil }
  }
}
