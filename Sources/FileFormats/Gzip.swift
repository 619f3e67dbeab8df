import Diagnostics

/// Gzip files (RFC 1952): one or more members after one another, each with its check sum.
public enum Gzip {
  /// Whether contents start as a gzip member does.
  public static func isCompressed(_ source: any ByteSource) throws(Failure) -> Bool {
    try source.prefix(2) == [0x1F, 0x8B]
  }

  /// The contents of all members.
  ///
  /// Throws `data.…` with the offset in the compressed file: truncated, corrupt (check sums
  /// included), bytes after the last member, expansion beyond ``Inflation/limit(forCompressed:)``.
  public static func decompress(
    _ source: any ByteSource, path: String, in workspace: any ByteWorkspace
  ) throws(Failure) -> any ByteSource {
    let fault = FileFault(.data, path: path)
    let limit = Inflation.limit(forCompressed: source.count)
    let sink = workspace.makeSink()
    var start = 0
    repeat {
      guard try source.bytes(start..<min(start + 2, source.count)) == [0x1F, 0x8B] else {
        throw fault("gzip-trailing", "no gzip member follows the last one", at: start)
      }
      let member = try Inflation(
        source, start..<source.count, .gzip, into: sink, limit: limit)
      let offset = start + member.consumed
      switch member.outcome {
      case .complete: start = offset
      case .truncated: throw fault("gzip-truncated", "the gzip file ends too early", at: offset)
      case .corrupt(let reason):
        throw fault("gzip-corrupt", "the gzip file is corrupt: \(reason)", at: offset)
      case .tooLarge:
        throw fault(
          "gzip-expansion",
          "\(source.count) gzip bytes may expand to \(limit) bytes, these expand to more",
          at: offset)
      }
    } while start < source.count
    return try sink.finish()
  }
}
