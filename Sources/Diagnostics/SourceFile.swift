/// The text of a spec file and the positions of its lines.
///
/// Immutable and shared by every ``Span`` into it.
public final class SourceFile: Sendable {
  /// The path as the user gave it, for messages.
  public let path: String
  /// The file's bytes, UTF-8 if the file is well formed.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Indexes the lines of `bytes`; O(n).
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// A source made of text, for tests and for `--set` values.
  public convenience init(path: String, text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// The one-based line and column, in Unicode scalars, of a byte offset; O(log lines + column).
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let start = lineStarts[low]
    let scalars = bytes.withUnsafeBufferPointer { bytes in
      var count = 0
      for index in start..<offset where bytes[index] & 0xC0 != 0x80 { count += 1 }
      return count
    }
    return (low + 1, scalars + 1)
  }

  /// The bytes of a one-based line without its line break.
  func range(ofLine line: Int) -> Range<Int> {
    guard line >= 1, line <= lineStarts.count else { return 0..<0 }
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// The offset a number of scalars before or after another, within a range; O(count).
  func offset(_ offset: Int, movedBy count: Int, in range: Range<Int>) -> Int {
    var offset = min(max(offset, range.lowerBound), range.upperBound)
    let step = count < 0 ? -1 : 1
    for _ in 0..<abs(count) {
      repeat {
        guard step > 0 ? offset < range.upperBound : offset > range.lowerBound else {
          return offset
        }
        offset += step
      } while offset < range.upperBound && bytes[offset] & 0xC0 == 0x80
    }
    return offset
  }
}

/// A range of bytes in a ``SourceFile``.
public struct Span: Sendable, Hashable {
  /// The file the range lies in.
  public let file: SourceFile
  /// First byte.
  public let lower: Int
  /// One past the last byte.
  public let upper: Int

  /// The bytes `lower..<upper` of `file`.
  public init(_ file: SourceFile, _ lower: Int, _ upper: Int) {
    self.file = file
    self.lower = lower
    self.upper = max(lower, upper)
  }

  /// One-based line of the first byte.
  public var line: Int { file.position(of: lower).line }
  /// One-based column, in Unicode scalars, of the first byte.
  public var column: Int { file.position(of: lower).column }

  /// Spans are equal if they cover the same bytes of the same loaded file.
  public static func == (a: Span, b: Span) -> Bool {
    a.file === b.file && a.lower == b.lower && a.upper == b.upper
  }

  /// Hashes the range; the file is compared by identity only.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(file))
    hasher.combine(lower)
    hasher.combine(upper)
  }
}
