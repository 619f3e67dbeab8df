import Diagnostics

/// Gzip files (RFC 1952): one or more members after one another, each with its check sum.
public enum Gzip {
  /// Whether contents start as a gzip member does.
  public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The contents of all members.
  ///
  /// Throws `data.…` with the offset in the compressed file: truncated, corrupt (check sums
  /// included), bytes after the last member, expansion beyond ``Inflation/limit(forCompressed:)``.
  public static func decompress(_ bytes: [UInt8], path: String) throws(Failure) -> [UInt8] {
    let limit = Inflation.limit(forCompressed: bytes.count)
    var output: [UInt8] = []
    var start = 0
    repeat {
      guard bytes[start...].starts(with: [0x1F, 0x8B]) else {
        throw fault("gzip-trailing", "no gzip member follows the last one", path, start)
      }
      let member = Inflation(bytes[start...], .gzip, into: &output, limit: limit)
      let offset = start + member.consumed
      switch member.outcome {
      case .complete: start = offset
      case .truncated: throw fault("gzip-truncated", "the gzip file ends too early", path, offset)
      case .corrupt(let reason):
        throw fault("gzip-corrupt", "the gzip file is corrupt: \(reason)", path, offset)
      case .tooLarge:
        throw fault(
          "gzip-expansion",
          "\(bytes.count) gzip bytes may expand to \(limit) bytes, these expand to more", path,
          offset)
      }
    } while start < bytes.count
    return output
  }

  private static func fault(
    _ rule: String, _ message: String, _ path: String, _ offset: Int
  ) -> Failure {
    Failure(
      Diagnostic(Diagnostic.ID(.data, rule), message, at: .file(path: path, offset: offset)))
  }
}
