import Digest
import Glibc

/// The folder of a certificate: the only place from which files are read.
struct Folder {
  /// The certificate's folder.
  let path: String
  /// Files are not read beyond this size, in bytes: 4 GiB.
  private static let largest = 4 << 30

  /// Reads a file that the certificate names and compares its digest; names with folders are refused.
  func bytes(_ entry: Entry) throws(Refusal) -> (name: String, bytes: [UInt8]) {
    try entry.require(keys: ["file", "sha256"])
    let name = try entry("file").string
    guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")),
      !name.utf8.contains(0)
    else {
      throw try entry("file").malformed("must name a file in the certificate's folder")
    }
    // A link could lead to any file of whoever checks.
    let bytes = try Self.read(path(of: name), following: false)
    let digest = SHA256.hexadecimalDigest(of: bytes)
    guard try entry("sha256").string == digest else {
      throw try entry("sha256").refuted("the SHA-256 digest of '\(name)' is \(digest)")
    }
    return (name, bytes)
  }

  /// The path of a name in the folder.
  func path(of name: String) -> String { path + "/" + name }

  /// The bytes of a file that need not be there.
  func optionalBytes(_ name: String) throws(Refusal) -> [UInt8]? {
    var status = stat()
    guard lstat(path(of: name), &status) == 0 || errno != ENOENT else { return nil }
    return try Self.read(path(of: name), following: false)
  }

  /// The bytes of a regular file; a symbolic link is followed only if asked for.
  static func read(_ path: String, following: Bool) throws(Refusal) -> [UInt8] {
    func fault(_ message: String) -> Refusal {
      Refusal(.missing, message, at: .init(file: path))
    }
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (following ? 0 : O_NOFOLLOW)
    let descriptor = open(path, flags)
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno)).lowercased()
      throw fault("'\(path)' cannot be read: \(reason)")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= largest
    else { throw fault("'\(path)' must be a regular file of at most \(largest) bytes") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw fault("'\(path)' could not be read completely") }
      count += got
    }
    return bytes
  }
}
