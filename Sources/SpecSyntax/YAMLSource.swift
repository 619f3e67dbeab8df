import Diagnostics

/// The bytes to parse: checks the encoding, and converts the parser's positions, which count Unicode
/// scalars, to byte offsets of the file.
struct YAMLSource {
  let file: SourceFile
  /// The bytes to parse, without a byte order mark.
  let range: Range<Int>
  /// The offset of each 64th scalar, or nil where every scalar is one byte.
  private let checkpoints: [Int]?

  init(_ file: SourceFile, _ range: Range<Int>) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let start = file.bytes[range].starts(with: mark) ? range.lowerBound + 3 : range.lowerBound
    self.file = file
    self.range = start..<range.upperBound
    checkpoints = Self.checkpoints(file.bytes, self.range)
  }

  /// The byte at which a scalar starts, counted from the start of the range.
  func offset(ofScalar index: Int) -> Int {
    guard let checkpoints else { return min(range.lowerBound + index, range.upperBound) }
    var offset = checkpoints[min(index / 64, checkpoints.count - 1)]
    for _ in 0..<(index % 64) where offset < range.upperBound {
      offset += 1
      while offset < range.upperBound, file.bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }
    return offset
  }

  /// A span of bytes.
  func span(_ lower: Int, _ upper: Int) -> Span { Span(file, lower, upper) }

  /// The fault that makes the bytes impossible to parse, if there is one.
  func fault(_ limits: YAMLLimits) -> Diagnostic? {
    if range.count > limits.bytes {
      return .error(
        .yaml, "too-large",
        "a spec has at most \(limits.bytes) bytes, found \(range.count)",
        at: span(range.lowerBound, range.lowerBound),
        help: "put data and weights in separate files")
    }
    if let offset = firstMalformed() {
      let found = String(file.bytes[offset], radix: 16, uppercase: true)
      return .error(
        .yaml, "encoding", "a spec must be encoded as UTF-8, found byte 0x\(found)",
        at: span(offset, offset + 1), help: "save the file as UTF-8")
    }
    return nil
  }

  private static func checkpoints(_ bytes: [UInt8], _ range: Range<Int>) -> [Int]? {
    bytes.withUnsafeBufferPointer { bytes in
      guard bytes[range].contains(where: { $0 >= 0x80 }) else { return nil }
      var result: [Int] = []
      var count = 0
      for offset in range where bytes[offset] & 0xC0 != 0x80 {
        if count % 64 == 0 { result.append(offset) }
        count += 1
      }
      return result.isEmpty ? [range.lowerBound] : result
    }
  }

  /// The first byte that is not part of well-formed UTF-8 (no surrogates, no overlong forms), or
  /// that is NUL.
  private func firstMalformed() -> Int? {
    file.bytes.withUnsafeBufferPointer { bytes in
      var offset = range.lowerBound
      while offset < range.upperBound {
        let byte = bytes[offset]
        if byte < 0x80 {
          if byte == 0 { return offset }
          offset += 1
          continue
        }
        guard let length = Self.sequenceLength(bytes, offset, range.upperBound) else {
          return offset
        }
        offset += length
      }
      return nil
    }
  }

  /// The bytes of the multi-byte scalar at an offset, by the table of RFC 3629; nil if malformed.
  private static func sequenceLength(
    _ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ end: Int
  ) -> Int? {
    let (length, second): (Int, ClosedRange<UInt8>)
    switch bytes[offset] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard offset + length <= end, second.contains(bytes[offset + 1]) else { return nil }
    let rest = (offset + 2)..<max(offset + 2, offset + length)
    return rest.allSatisfy { bytes[$0] & 0xC0 == 0x80 } ? length : nil
  }
}
