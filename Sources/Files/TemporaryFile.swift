import Diagnostics
import Glibc

/// A file in `TMPDIR`, or `/tmp`, without a name: it vanishes with the processes that have it open.
public final class TemporaryFile {
  private let path: String
  /// For reading and writing; a process that is started gets it only as one of its streams.
  public private(set) var descriptor: Int32

  /// Creates it; throws `file.unwritable`.
  public init() throws(Failure) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((folder + "/lmtc-data-XXXXXX").utf8CString)
    descriptor = mkstemp(&template)
    path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    guard descriptor >= 0 else { throw AtomicFile.unwritable(folder) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(path)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func append(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    guard AtomicFile.writeAll(Array(bytes), to: descriptor) else {
      throw AtomicFile.unwritable(path)
    }
  }

  /// Everything that was written to it.
  public var text: String {
    var bytes = [UInt8](repeating: 0, count: Int(max(0, lseek(descriptor, 0, SEEK_END))))
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Hands the file over for reading.
  func source(count: Int) -> FileSource {
    defer { descriptor = -1 }
    return FileSource(descriptor, count: count, path: path)
  }
}
