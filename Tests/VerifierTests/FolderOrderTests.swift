import Testing

/// The checker's folders use only those before them.
@Suite struct FolderOrderTests {
  private static let folders = [
    "Files", "Matrices", "Rounding", "LayerParts", "Layers", "Network", "Bounds", "Points",
  ]

  private static func types(in text: String) -> [String] {
    let declaration =
      /(?m)^(?:private |final |indirect )*(?:struct|enum|class|protocol) ([A-Za-z0-9]+)/
    return text.matches(of: declaration).map { String($0.1) }
  }

  @Test func noFolderUsesALaterOne() throws {
    var later: [String: String] = [:]
    for folder in Self.folders.reversed() {
      let files = try CheckerSources.texts(in: folder)
      #expect(!files.isEmpty)
      for (file, text) in files {
        let code = text.replacing(/(?m)\/\/.*$/, with: "").replacing(/"[^"\n]*"/, with: "\"\"")
        let words = Set(code.matches(of: /[A-Za-z0-9]+/).map { String($0.output) })
        for (type, other) in later where words.contains(type) {
          Issue.record("\(file) uses \(type) of \(other), a later folder")
        }
      }
      for (_, text) in files {
        for type in Self.types(in: text) { later[type] = folder }
      }
    }
  }
}
