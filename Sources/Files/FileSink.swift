import Diagnostics
import FileFormats

/// Collects the bytes of a file and hands them to the system in large pieces.
public final class FileSink {
  private static let pieceSize = 1 << 18

  private let descriptor: Int32
  /// The final path, for messages.
  private let path: String
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

  /// Appends bytes; throws `file.unwritable`.
  public func append(_ bytes: ArraySlice<UInt8>) throws(Failure) {
    buffer += bytes
    if buffer.count >= Self.pieceSize { try flush() }
  }

  /// Appends text as UTF-8; throws `file.unwritable`.
  public func append(_ text: String) throws(Failure) {
    buffer += text.utf8
    if buffer.count >= Self.pieceSize { try flush() }
  }

  /// Appends a range of another source; throws `file.…`.
  public func append(_ source: any ByteSource, _ range: Range<Int>) throws(Failure) {
    try source.forEachPiece(of: range) { piece, _ throws(Failure) in try append(piece) }
  }

  func flush() throws(Failure) {
    guard AtomicFile.writeAll(buffer, to: descriptor) else { throw AtomicFile.unwritable(path) }
    buffer.removeAll(keepingCapacity: true)
  }
}
