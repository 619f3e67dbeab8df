import Diagnostics
import Glibc
import ModelIR

/// Reads files that a user names: regular files only, within a size limit, decompressed by content.
public enum FileReading {
  /// No file is read beyond this size, in bytes: 4 GiB.
  public static let sizeLimit = 4 << 30

  /// The contents of a regular file; throws `file.…` if there is none, it cannot be read, or it is
  /// larger than `limit`.
  ///
  /// Symbolic links are followed; what they lead to must be a regular file. Folders, devices, pipes
  /// and sockets are refused without being opened.
  public static func bytes(
    of path: String, limit: Int = sizeLimit
  ) throws(Failure) -> [UInt8] {
    try requireRegular(path)
    // Non-blocking, because the file may have become a pipe since it was looked at.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw irregular(path, status.st_mode) }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw fault("too-large", "a file may have \(limit) bytes, '\(path)' has \(size)", path)
    }
    guard let bytes = read(descriptor, size) else { throw unreadable(path) }
    return bytes
  }

  /// The contents of a file, decompressed if they are gzip; throws `file.…` or `data.…`.
  public static func data(of path: String) throws(Failure) -> DataFile {
    let bytes = try bytes(of: path)
    guard Gzip.isCompressed(bytes) else { return DataFile(path: path, bytes: bytes) }
    return DataFile(path: path, bytes: try Gzip.decompress(bytes, path: path))
  }

  /// What lies at a path, nil if nothing does.
  static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// What a path leads to.
  enum Kind {
    case file, folder, other
  }

  /// A fault of the file system.
  static func fault(
    _ rule: String, _ message: String, _ path: String, help: String? = nil
  ) -> Failure {
    Failure(
      Diagnostic(
        Diagnostic.ID(.file, rule), message, at: .file(path: path, offset: nil), help: help))
  }

  /// What the last system call complained of, lower case.
  static var systemError: String { String(cString: strerror(errno)).lowercased() }

  private static func requireRegular(_ path: String) throws(Failure) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path) }
      throw fault(
        "missing", "there is no file '\(path)'", path, help: FolderListing.help(for: path))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw irregular(path, status.st_mode) }
  }

  private static func irregular(_ path: String, _ mode: mode_t) -> Failure {
    let kind =
      switch mode & S_IFMT {
      case S_IFDIR: "a folder"
      case S_IFIFO: "a pipe"
      case S_IFSOCK: "a socket"
      default: "a device"
      }
    return fault("irregular", "'\(path)' must be a regular file, found \(kind)", path)
  }

  private static func unreadable(_ path: String) -> Failure {
    fault("unreadable", "'\(path)' cannot be read: \(systemError)", path)
  }

  /// Up to `size` bytes from the start, fewer if the file has shrunk; nil after a system error.
  private static func read(_ descriptor: Int32, _ size: Int) -> [UInt8]? {
    var hasFailed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, min(size - count, 1 << 30))
        if got < 0, errno == EINTR { continue }
        hasFailed = got < 0
        guard got > 0 else { break }
        count += got
      }
    }
    return hasFailed ? nil : bytes
  }
}
