import Diagnostics
import FileFormats
import Glibc

/// A regular file that stays on disk and is read piece by piece.
///
/// Not mapped into memory: what another process cuts off the file is then an error of one read, not a
/// signal.
final class FileSource: ByteSource {
  /// The number of bytes when the file was opened.
  let count: Int
  private let path: String
  private let descriptor: Int32

  /// Takes over an open descriptor of a file of so many bytes.
  init(_ descriptor: Int32, count: Int, path: String) {
    self.descriptor = descriptor
    self.count = count
    self.path = path
  }

  deinit { close(descriptor) }

  /// Reads from the file; throws `file.unreadable`.
  func read(at offset: Int, into buffer: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      let got = pread(
        descriptor, base + done, min(buffer.count - done, 1 << 30), off_t(offset + done))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        let reason = got < 0 ? FileReading.systemError : "it was truncated"
        throw FileReading.fault("unreadable", "'\(path)' cannot be read: \(reason)", path)
      }
      done += got
    }
  }
}
