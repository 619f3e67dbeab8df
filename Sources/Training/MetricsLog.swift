import Diagnostics
import FileFormats
import Files
import Glibc

/// The file of measured values: one JSON object per line, one line per epoch.
struct MetricsLog: Sendable {
  let path: String
  /// The kept lines.
  let kept: [JSONValue]

  /// Opens a log and keeps its first lines: 0 for a new run, the finished epochs for a resumed one.
  ///
  /// Everything after them is removed, including a partial line. Throws `file.…`.
  init(_ path: String, keeping lines: Int = 0) throws(Failure) {
    self.path = path
    var kept: [UInt8] = []
    if lines > 0, FileReading.kind(of: path) == .file {
      let bytes = try FileReading.bytes(of: path)
      var start = 0
      for _ in 0..<lines {
        guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { break }
        start = end + 1
      }
      kept = Array(bytes[..<start])
    }
    self.kept = kept.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONParser.parse($0).value
    }
    try AtomicFile.write(kept, to: path)
  }

  /// The seconds of training that the kept lines took.
  var seconds: Double { kept.last?["seconds"]?.number ?? 0 }

  /// Appends a line, whole or not at all; throws `file.unwritable`.
  func append(_ line: JSONValue) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= 0, AtomicFile.writeAll(Array((line.text + "\n").utf8), to: descriptor) else {
      let failure = AtomicFile.unwritable(path)
      if end >= 0 { ftruncate(descriptor, end) }
      throw failure
    }
  }
}
