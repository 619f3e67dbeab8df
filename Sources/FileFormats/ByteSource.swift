import Diagnostics

/// Bytes with random access: a file, a part of a file, or the decoded contents of one.
///
/// Formats read from it, so that a set larger than memory can stay on disk.
public protocol ByteSource: Sendable {
  /// The number of bytes.
  var count: Int { get }
  /// Fills the buffer with the bytes that start at an offset; all of them must be within the source.
  ///
  /// Throws `file.…` where the system fails, or the file has become shorter.
  func read(at offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(Failure)
}

extension ByteSource {
  /// The bytes of a range, which must be within the source.
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

  /// The first `length` bytes, or all if there are fewer.
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

  /// The bytes of a range, which must be within the source.
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

/// Receives decoded bytes in order and returns them as a source.
public protocol ByteSink: AnyObject {
  /// The number of bytes so far.
  var count: Int { get }
  /// Adds bytes; throws `file.…` where they cannot be kept.
  func append(_ bytes: ArraySlice<UInt8>) throws(Failure)
  /// The added bytes; nothing can be added afterwards.
  func finish() throws(Failure) -> any ByteSource
}

/// Creates sinks, and so decides how much stays in memory.
public protocol ByteWorkspace: Sendable {
  /// An empty sink.
  func makeSink() -> any ByteSink
}

/// Keeps everything in memory.
public struct MemoryWorkspace: ByteWorkspace {
  /// A workspace without a limit.
  public init() {}

  /// A sink in memory.
  public func makeSink() -> any ByteSink { MemorySink() }
}

/// Decoded bytes in memory.
public final class MemorySink: ByteSink {
  /// The bytes so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty sink.
  public init() {}

  /// The number of bytes so far.
  public var count: Int { bytes.count }

  /// Adds bytes.
  public func append(_ bytes: ArraySlice<UInt8>) { self.bytes += bytes }

  /// The added bytes.
  public func finish() -> any ByteSource { MemorySource(bytes) }
}
