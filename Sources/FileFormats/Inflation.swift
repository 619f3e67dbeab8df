import CZlib
import Diagnostics

/// Undoes deflate, with a limit on what comes out.
public struct Inflation {
  /// What surrounds the deflated bytes.
  public enum Wrapping: Sendable {
    /// A gzip member, its header and check sum verified.
    case gzip
    /// A zlib stream (RFC 1950), its header and check sum verified.
    case zlib
    /// Nothing, as in a zip archive.
    case none

    fileprivate var windowBits: Int32 {
      switch self {
      case .gzip: 15 + 16
      case .zlib: 15
      case .none: -15
      }
    }
  }

  /// Why inflating stopped.
  public enum Outcome: Equatable, Sendable {
    /// The stream ended as it should.
    case complete
    /// The input ended before the stream.
    case truncated
    /// The stream breaks the format or its check sum.
    case corrupt(String)
    /// More than the limit came out; what was within it has been handed on.
    case tooLarge
  }

  /// How it ended.
  public let outcome: Outcome
  /// Bytes of the input used; where the outcome is `tooLarge`, bytes that were looked at.
  public let consumed: Int

  /// The bytes a file of a size may expand to: 256 times as many, at least 16 MiB, at most 4 GiB.
  ///
  /// Deflate's own maximum is 1032 times; only constant data comes near that.
  public static func limit(forCompressed count: Int) -> Int {
    min(4 << 30, max(16 << 20, count.multipliedReportingOverflow(by: 256).partialValue))
  }

  /// Appends what one stream at the start of a range holds, up to `limit` bytes in the sink.
  ///
  /// Throws `file.…` where reading or keeping bytes fails.
  public init(
    _ source: any ByteSource, _ range: Range<Int>, _ wrapping: Wrapping, into sink: any ByteSink,
    limit: Int
  ) throws(Failure) {
    var stream = z_stream()
    let version = ZLIB_VERSION
    guard
      inflateInit2_(&stream, wrapping.windowBits, version, Int32(MemoryLayout<z_stream>.size))
        == Z_OK
    else {
      (outcome, consumed) = (.corrupt("zlib has no memory"), 0)
      return
    }
    defer { inflateEnd(&stream) }
    (outcome, consumed) = try Self.run(&stream, source, range, sink, limit)
  }

  private static func run(
    _ stream: inout z_stream, _ source: any ByteSource, _ range: Range<Int>, _ sink: any ByteSink,
    _ limit: Int
  ) throws(Failure) -> (Outcome, Int) {
    // Small at first: a file may hold very many short streams.
    var size = 1 << 12
    var fed = range.lowerBound
    while true {
      var chunk = [UInt8](repeating: 0, count: size)
      let end = min(range.upperBound, fed + size)
      var piece = try source.bytes(fed..<end)
      let (status, used) = try inflatePiece(&stream, &piece, &chunk, sink, limit)
      let consumed = fed + used - range.lowerBound
      switch status {
      case nil: return (.tooLarge, consumed)
      case Z_STREAM_END: return (.complete, consumed)
      case Z_OK, Z_BUF_ERROR:
        if end == range.upperBound { return (.truncated, consumed) }
        fed = end
        size = min(2 * size, 1 << 17)
      case let status?:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
        return (.corrupt(reason), consumed)
      }
    }
  }

  /// Inflates a piece of input until it is used up; the status is nil beyond the limit.
  private static func inflatePiece(
    _ stream: inout z_stream, _ piece: inout [UInt8], _ chunk: inout [UInt8],
    _ sink: any ByteSink, _ limit: Int
  ) throws(Failure) -> (status: Int32?, used: Int) {
    var used = 0
    while true {
      var left = 0
      let status = piece.withUnsafeMutableBufferPointer { input in
        chunk.withUnsafeMutableBufferPointer { output in
          stream.next_in = input.baseAddress.map { $0 + used }
          stream.avail_in = UInt32(input.count - used)
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          used = input.count - Int(stream.avail_in)
          left = Int(stream.avail_out)
          return status
        }
      }
      let produced = chunk.count - left
      let room = limit - sink.count
      if produced > 0 { try sink.append(chunk[..<min(produced, room)]) }
      guard produced <= room else { return (nil, used) }
      guard status == Z_OK, used < piece.count || left == 0 else { return (status, used) }
    }
  }
}
