import Diagnostics
import Digest
import ModelIR

/// The digest of a raw data file as it is stored, or of a folder of them.
public struct DataDigest: Sendable, Hashable {
  /// The name of the file or folder, without the folders above it.
  public let name: String
  /// The number of files of a folder; nil for a file.
  public let fileCount: Int?
  /// SHA-256 of the file's bytes; for a folder of its lines `digest`, two blanks, `name`, as
  /// `sha256sum *` prints them.
  public let sha256: String

  /// The digest of a file; throws `file.…`.
  init(file path: String) throws(Failure) {
    name = FolderListing.split(path).name
    fileCount = nil
    sha256 = try Self.digest(of: path)
  }

  /// The digest of a folder; throws `file.…`.
  init(folder: DataFolder) throws(Failure) {
    name = folder.name
    fileCount = folder.paths.count
    var lines = ""
    for path in folder.paths {
      try FileReading.refuseLink(path)
      lines += "\(try Self.digest(of: path))  \(FolderListing.split(path).name)\n"
    }
    sha256 = SHA256.hexadecimalDigest(of: Array(lines.utf8))
  }

  /// The digest of a file's bytes; throws `file.…`.
  static func digest(of path: String) throws(Failure) -> String {
    let file = try FileReading.open(path)
    var digest = SHA256()
    var buffer = [UInt8](repeating: 0, count: min(file.count, 1 << 20))
    for start in stride(from: 0, to: file.count, by: max(1, buffer.count)) {
      let count = min(buffer.count, file.count - start)
      try buffer.withUnsafeMutableBufferPointer { bytes throws(Failure) in
        let part = UnsafeMutableBufferPointer(rebasing: bytes[..<count])
        try file.read(at: start, into: part)
        digest.update(UnsafeBufferPointer(part))
      }
    }
    return digest.hexadecimalDigest
  }
}
