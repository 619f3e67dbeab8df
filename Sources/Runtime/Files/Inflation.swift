import CZlib

/// Undoes deflate, with a limit on what comes out.
struct Inflation {
  /// What surrounds the deflated bytes.
  enum Wrapping {
    /// A gzip member, its header and check sum verified.
    case gzip
    /// Nothing, as in a zip archive.
    case none

    fileprivate var windowBits: Int32 {
      switch self {
      case .gzip: 15 + 16
      case .none: -15
      }
    }
  }

  /// Why inflating stopped.
  enum Outcome: Equatable {
    /// The stream ended as it should.
    case complete
    /// The input ended before the stream.
    case truncated
    /// The stream breaks the format or its check sum.
    case corrupt(String)
    /// More than the limit came out.
    case tooLarge
  }

  /// How it ended.
  let outcome: Outcome
  /// Bytes of the input used.
  let consumed: Int

  /// The bytes a file of a size may expand to: 256 times as many, at least 16 MiB, at most 4 GiB.
  ///
  /// Deflate's own maximum is 1032 times; only constant data comes near that.
  static func limit(forCompressed count: Int) -> Int {
    min(4 << 30, max(16 << 20, count.multipliedReportingOverflow(by: 256).partialValue))
  }

  /// Appends what one stream at the start of `input` holds, as long as `output` stays within `limit`.
  init(
    _ input: ArraySlice<UInt8>, _ wrapping: Wrapping, into output: inout [UInt8], limit: Int
  ) {
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
    (outcome, consumed) = input.withUnsafeBufferPointer { source in
      Self.run(&stream, source, &output, limit)
    }
  }

  private static func run(
    _ stream: inout z_stream, _ source: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8],
    _ limit: Int
  ) -> (Outcome, Int) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var fed = 0
    while true {
      if stream.avail_in == 0, fed < source.count, let base = source.baseAddress {
        let count = min(source.count - fed, 1 << 30)
        stream.next_in = UnsafeMutablePointer(mutating: base + fed)
        stream.avail_in = UInt32(count)
        fed += count
      }
      let status = chunk.withUnsafeMutableBufferPointer { buffer in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        return inflate(&stream, Z_NO_FLUSH)
      }
      let produced = chunk.count - Int(stream.avail_out)
      guard produced <= limit - output.count else { return (.tooLarge, fed) }
      output.append(contentsOf: chunk[..<produced])
      let consumed = fed - Int(stream.avail_in)
      switch status {
      case Z_STREAM_END: return (.complete, consumed)
      case Z_OK: continue
      case Z_BUF_ERROR: return (.truncated, consumed)
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
        return (.corrupt(reason), consumed)
      }
    }
  }
}
