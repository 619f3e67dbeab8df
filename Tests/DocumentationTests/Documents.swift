import Foundation

/// The project's files as tests read them.
enum Documents {
  /// The repository's root.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The pages that people write: `README.md` and those directly in `docs/`, by path from the root.
  static let pages: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: "docs").path)
    return ["README.md"]
      + (names ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }()

  /// A file's text.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The paths of the Swift files below `Sources`, from the root.
  static func sources() -> [String] {
    let folder = root.appending(path: "Sources").path
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/" + $0 }
  }
}
