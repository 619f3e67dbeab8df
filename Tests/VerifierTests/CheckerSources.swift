import Foundation

/// The checker's source files.
enum CheckerSources {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Verifier").standardized

  /// The files of a folder of the checker; of itself for an empty name.
  static func texts(in name: String) throws -> [(file: String, text: String)] {
    let path = folder.appending(path: name)
    return try FileManager.default.contentsOfDirectory(atPath: path.path)
      .filter { $0.hasSuffix(".swift") }.sorted()
      .map { ("\(name)/\($0)", try String(contentsOf: path.appending(path: $0), encoding: .utf8)) }
  }
}
