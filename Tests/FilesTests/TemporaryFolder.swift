import FoundationEssentials
import Glibc
import Testing

/// A folder that is removed with its contents when the value is released.
final class TemporaryFolder {
  let path: String

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((parent + "/lmtc-test-XXXXXX").utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder, written with some bytes.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let file = path + "/" + name
    let stream = try #require(fopen(file, "w"))
    defer { fclose(stream) }
    let bytes = Array(bytes)
    #expect(fwrite(bytes, 1, bytes.count, stream) == bytes.count)
    return file
  }
}
