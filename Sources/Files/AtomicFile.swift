import Diagnostics
import Glibc

/// Writes files so that their final name always holds a whole file: the old one or the new one.
///
/// The bytes go to a temporary file in the same folder, reach the disk, and take the name in one
/// step; the folder's entry reaches the disk too. A failure at any moment leaves the old file.
public enum AtomicFile {
  /// In the name of a temporary file, between the final name and the process id.
  private static let mark = ".partial-"

  /// Replaces or creates a regular file; throws `file.unwritable`.
  public static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    try write(to: path) { sink throws(Failure) in try sink.append(bytes[...]) }
  }

  /// Replaces or creates a regular file with what `body` appends, piece by piece; throws
  /// `file.unwritable`, and what `body` throws.
  public static func write(
    to path: String, _ body: (FileSink) throws(Failure) -> Void
  ) throws(Failure) {
    if let kind = FileReading.kind(of: path), kind != .file {
      throw FileReading.fault("unwritable", "'\(path)' exists and is not a regular file", path)
    }
    let (folder, name) = FolderListing.split(path)
    let temporary = folder + "/." + name + mark + "\(getpid())"
    do throws(Failure) {
      try writeThrough(body, to: temporary, final: path)
      guard rename(temporary, path) == 0 else { throw unwritable(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    synchronizeFolder(folder)
  }

  /// Replaces or creates a text file; throws `file.unwritable`.
  public static func write(_ text: String, to path: String) throws(Failure) {
    try write(Array(text.utf8), to: path)
  }

  /// Removes temporary files of processes that were killed while writing.
  static func removeLeftovers(in folder: String) {
    for name in FolderListing.names(in: folder, hidden: true) {
      guard let range = name.range(ofLast: mark), name.hasPrefix("."),
        let process = pid_t(name[range.upperBound...])
      else { continue }
      let isGone = kill(process, 0) != 0 && errno == ESRCH
      if isGone || process == getpid() { unlink(folder + "/" + name) }
    }
  }

  /// A fault that names the final path and the system's error.
  public static func unwritable(_ path: String) -> Failure {
    FileReading.fault(
      "unwritable", "'\(path)' cannot be written: \(FileReading.systemError)", path)
  }

  private static func writeThrough(
    _ body: (FileSink) throws(Failure) -> Void, to temporary: String, final path: String
  ) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    let descriptor = open(temporary, flags, 0o666)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    let sink = FileSink(descriptor, path: path)
    try body(sink)
    try sink.flush()
    guard fsync(descriptor) == 0 else { throw unwritable(path) }
  }

  /// Whether every byte was written; otherwise `errno` has the system's error.
  public static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(
          descriptor, buffer.baseAddress! + written, min(buffer.count - written, 1 << 30))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
      }
      return true
    }
  }

  /// Best effort: some file systems cannot synchronize a folder, and the file itself is safe.
  static func synchronizeFolder(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension String {
  /// The last occurrence of a text.
  fileprivate func range(ofLast text: String) -> Range<String.Index>? {
    var start = endIndex
    while start > startIndex {
      start = index(before: start)
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
    }
    return nil
  }
}
