import Diagnostics

/// Takes decoded bytes one after another and hands them back as a source.
public protocol ByteSink: AnyObject {
  /// The number of bytes so far.
  var count: Int { get }
  /// Adds bytes; throws `file.…` where they cannot be kept.
  func append(_ bytes: ArraySlice<UInt8>) throws(Failure)
  /// What was added; nothing can be added afterwards.
  func finish() throws(Failure) -> any ByteSource
}

/// Gives out sinks, and with them decides how much stays in memory.
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

  /// What was added.
  public func finish() -> any ByteSource { MemorySource(bytes) }
}
