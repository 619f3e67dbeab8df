import Diagnostics
import Glibc

/// A file that only grows, and whose contents are on disk when appending returns.
public final class AppendedFile {
  private let path: String
  private let descriptor: Int32

  /// Opens or creates a file, keeps its first bytes and removes the rest; throws `file.unwritable`.
  public init(_ path: String, keeping length: Int = 0) throws(Failure) {
    self.path = path
    if let kind = FileReading.kind(of: path), kind != .file {
      throw FileReading.fault("unwritable", "'\(path)' exists and is not a regular file", path)
    }
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    descriptor = open(path, flags, 0o666)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw AtomicFile.unwritable(path) }
    AtomicFile.synchronizeFolder(FolderListing.split(path).folder)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends text, all of it or nothing; throws `file.unwritable`.
  public func append(_ text: String) throws(Failure) { try append(Array(text.utf8)) }

  /// Appends bytes, all of them or nothing; throws `file.unwritable`.
  public func append(_ bytes: [UInt8]) throws(Failure) {
    let end = lseek(descriptor, 0, SEEK_END)
    let isWritten = AtomicFile.writeAll(bytes, to: descriptor)
    guard end >= 0, isWritten, fdatasync(descriptor) == 0 else {
      let failure = AtomicFile.unwritable(path)
      if end >= 0 { ftruncate(descriptor, end) }
      throw failure
    }
  }
}
