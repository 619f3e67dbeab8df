import CZlib
import Diagnostics

/// Decompresses deflate streams, with a limit on the output.
public struct Inflation {
  /// The format around the deflated bytes.
  public enum Wrapping: Sendable {
    /// A gzip member, with its header and checksum verified.
    case gzip
    /// A zlib stream (RFC 1950), with its header and checksum verified.
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

  /// Why decompression stopped.
  public enum Outcome: Equatable, Sendable {
    /// The stream is complete.
    case complete
    /// The input ended before the stream.
    case truncated
    /// The stream is malformed or its checksum is wrong.
    case corrupt(String)
    /// The output exceeds the limit; the sink has the bytes up to it.
    case tooLarge
  }

  /// How decompression ended.
  public let outcome: Outcome
  /// Bytes of the input that were read.
  public let consumed: Int

  /// The bytes a file of a size may expand to: 256 times as many, at least 16 MiB, at most 4 GiB.
  ///
  /// Deflate expands at most 1032 times, and only constant data comes near that.
  public static func limit(forCompressed count: Int) -> Int {
    min(4 << 30, max(16 << 20, count.multipliedReportingOverflow(by: 256).partialValue))
  }

  /// Appends the contents of the stream at the start of a range, up to `limit` bytes in the sink.
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
    // Small at first, since a file may contain many short streams.
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

/// Gzip files (RFC 1952): one or more consecutive members, each with a checksum.
public enum Gzip {
  /// Whether the contents start like a gzip member.
  public static func isCompressed(_ source: any ByteSource) throws(Failure) -> Bool {
    try source.prefix(2) == [0x1F, 0x8B]
  }

  /// The contents of all members.
  ///
  /// Throws `data.…` with the offset in the compressed file: truncated, corrupt (including
  /// checksums), bytes after the last member, expansion beyond ``Inflation/limit(forCompressed:)``.
  public static func decompress(
    _ source: any ByteSource, path: String, in workspace: any ByteWorkspace
  ) throws(Failure) -> any ByteSource {
    let fault = FileFault(.data, path: path)
    let limit = Inflation.limit(forCompressed: source.count)
    let sink = workspace.makeSink()
    var start = 0
    repeat {
      guard try source.bytes(start..<min(start + 2, source.count)) == [0x1F, 0x8B] else {
        throw fault("gzip-trailing", "found bytes after the last gzip member", at: start)
      }
      let member = try Inflation(
        source, start..<source.count, .gzip, into: sink, limit: limit)
      let offset = start + member.consumed
      switch member.outcome {
      case .complete: start = offset
      case .truncated: throw fault("gzip-truncated", "the gzip file is truncated", at: offset)
      case .corrupt(let reason):
        throw fault("gzip-corrupt", "the gzip file is corrupt: \(reason)", at: offset)
      case .tooLarge:
        throw fault(
          "gzip-expansion",
          "the gzip file of \(source.count) bytes expands to more than the limit of \(limit) bytes",
          at: offset)
      }
    } while start < source.count
    return try sink.finish()
  }
}
