import Diagnostics
import FileFormats
import Glibc
import ModelIR

/// Reads files that a user names: regular files only, within a size limit, gzip recognized by content.
public enum FileReading {
  /// No file is read beyond this size, in bytes: 4 GiB.
  public static let sizeLimit = 4 << 30

  /// The contents of a regular file; throws `file.…` if there is none, it cannot be read, or it is
  /// larger than `limit`.
  ///
  /// Symbolic links are followed, since the user named the path; what they lead to must be a regular
  /// file. Folders, devices, pipes and sockets are refused without being opened.
  public static func bytes(
    of path: String, limit: Int = sizeLimit
  ) throws(Failure) -> [UInt8] {
    try open(path, limit: limit).allBytes()
  }

  /// A regular file opened for reading; throws as ``bytes(of:limit:)`` does.
  static func open(_ path: String, limit: Int = sizeLimit) throws(Failure) -> FileSource {
    try requireRegular(path)
    // Non-blocking, because the file may have become a pipe since it was looked at.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      defer { close(descriptor) }
      throw unreadable(path)
    }
    let file = FileSource(descriptor, count: Int(status.st_size), path: path)
    guard status.st_mode & S_IFMT == S_IFREG else { throw irregular(path, status.st_mode) }
    guard file.count <= limit else {
      throw fault("too-large", "'\(path)' has \(file.count) bytes, the limit is \(limit)", path)
    }
    return file
  }

  /// The contents of a file, decompressed if they are gzip; throws `file.…` or `data.…`.
  static func data(of path: String, in workspace: DataWorkspace) throws(Failure) -> DataFile {
    let file = try open(path)
    guard try Gzip.isCompressed(file) else {
      return DataFile(path: path, source: try workspace.keep(file))
    }
    let contents = try Gzip.decompress(file, path: path, in: workspace)
    return DataFile(path: path, source: contents, isCompressed: true)
  }

  /// Refuses a symbolic link that was found in a folder; throws `file.irregular`.
  ///
  /// Whoever made the folder could otherwise have any file of the user's read.
  public static func refuseLink(_ path: String) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return }
    throw fault(
      "irregular", "'\(path)' must not be a symbolic link, since the spec names only its folder",
      path,
      help: "name the file itself, or replace the link with a copy")
  }

  /// What lies at a path, nil if nothing does.
  public static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// What a path leads to.
  public enum Kind {
    case file, folder, other
  }

  /// A fault of the file system.
  public static func fault(
    _ rule: String, _ message: String, _ path: String, help: String? = nil
  ) -> Failure {
    Failure(
      Diagnostic(
        Diagnostic.ID(.file, rule), message, at: .file(path: path, offset: nil), help: help))
  }

  /// The error of the last system call, in lower case.
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
}
