import Diagnostics

/// Bytes that can be read at any place: of a file, of a part of one, or of what was decoded from one.
///
/// Formats read through it, so that a set larger than memory can stay on disk.
public protocol ByteSource: Sendable {
  /// The number of bytes.
  var count: Int { get }
  /// Fills the buffer with the bytes from an offset on; all of them must lie within the source.
  ///
  /// Throws `file.…` where the system fails, or the file has become shorter.
  func read(at offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(Failure)
}

extension ByteSource {
  /// The bytes of a range, which must lie within the source.
  public func bytes(_ range: Range<Int>) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    guard !range.isEmpty else { return bytes }
    try bytes.withUnsafeMutableBufferPointer { buffer throws(Failure) in
      try read(at: range.lowerBound, into: buffer)
    }
    return bytes
  }

  /// Every byte.
  public func allBytes() throws(Failure) -> [UInt8] { try bytes(0..<count) }

  /// Up to so many bytes from the start.
  public func prefix(_ length: Int) throws(Failure) -> [UInt8] {
    try bytes(0..<min(length, count))
  }

  /// Calls `body` with each piece of a range in order, and the piece's offset.
  public func forEachPiece(
    of range: Range<Int>, size: Int = 1 << 18,
    _ body: (ArraySlice<UInt8>, _ offset: Int) throws(Failure) -> Void
  ) throws(Failure) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let end = min(range.upperBound, offset + size)
      try body(try bytes(offset..<end)[...], offset)
      offset = end
    }
  }
}

/// Bytes in memory.
public struct MemorySource: ByteSource {
  private let bytes: [UInt8]

  /// A source of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number of bytes.
  public var count: Int { bytes.count }

  /// Copies bytes.
  public func read(at offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) {
    _ = buffer.update(fromContentsOf: bytes[offset..<offset + buffer.count])
  }
}

/// A part of another source.
public struct SourceSlice: ByteSource {
  private let base: any ByteSource
  private let range: Range<Int>

  /// The bytes of a range, which must lie within the source.
  public init(_ base: any ByteSource, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= base.count)
    self.base = base
    self.range = range
  }

  /// The number of bytes.
  public var count: Int { range.count }

  /// Reads from the whole.
  public func read(at offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    try base.read(at: range.lowerBound + offset, into: buffer)
  }
}
