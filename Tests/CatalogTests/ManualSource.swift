import Compiler
import Diagnostics
import Foundation
import Manual
import ModelIR

/// The Swift source of the texts that the program carries for `lmtc explain`.
enum ManualSource {
  private static let root = CatalogDriftTests.folder.appending(path: "../..").standardized

  /// The file's text, entries sorted by type and by id.
  static func text() throws -> String {
    let comments = try comments().sorted { $0.key < $1.key }.map { type, comment in
      "    \(quoted(type)): \(block(comment)),\n"
    }
    let examples = try examples()
    let pages = try diagnostics().sorted { $0.id < $1.id }.map { page in
      let example = examples[page.id].map(block) ?? "nil"
      return "    \(quoted(page.id)): DiagnosticPage(\n"
        + "      area: \(quoted(page.area)),\n      cause: \(quoted(page.cause)),\n"
        + "      remedy: \(quoted(page.remedy)),\n      example: \(example)),\n"
    }
    let terms = try terms().sorted { $0.name < $1.name }.map { term in
      "    \(quoted(term.name)): \(block(term.meaning)),\n"
    }
    return """
      // Generated from Sources/Catalog, Sources/LipschitzBounds, docs/diagnostics.md, docs/glossary.md and
      // grammar/rejected; edit those.
      // swift-format-ignore-file

      extension Manual {
        /// Doc comments as Markdown, by what they describe.
        static let comments: [String: String] = [
      \(comments.joined())  ]

        /// The entries of the glossary.
        static let terms: [String: String] = [
      \(terms.joined())  ]

        /// Diagnostics by id.
        static let diagnostics: [String: DiagnosticPage] = [
      \(pages.joined())  ]
      }

      """
  }

  /// The doc comment of each declaration that a topic names.
  private static func comments() throws -> [String: String] {
    let sources = try ["Sources/Catalog", "Sources/LipschitzBounds"].flatMap { path in
      let folder = root.appending(path: path)
      let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
      return try (names ?? []).filter { $0.hasSuffix(".swift") }
        .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
    }
    var comments: [String: String] = [:]
    for name in Manual.topics.flatMap(\.declarations) {
      let comment = sources.lazy.compactMap { DocComment.text(of: name, in: $0) }.first
      comments[name] = comment?.replacing("``", with: "`")
    }
    return comments
  }

  private struct Page {
    let id: String
    let area: String
    let cause: String
    let remedy: String
  }

  /// The rows of the table of diagnostics.
  private static func diagnostics() throws -> [Page] {
    let path = root.appending(path: "docs/diagnostics.md")
    var area = ""
    var pages: [Page] = []
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
      if let title = line.wholeMatch(of: /## (.+)/) { area = String(title.1) }
      guard let row = line.wholeMatch(of: /\| `([a-z]+\.[a-z0-9-]+)` \| (.+) → (.+) \|/) else {
        continue
      }
      pages.append(
        Page(id: String(row.1), area: area, cause: plain(row.2), remedy: plain(row.3)))
    }
    return pages
  }

  /// The rows of the glossary.
  private static func terms() throws -> [(name: String, meaning: String)] {
    let path = root.appending(path: "docs/glossary.md")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").compactMap {
      $0.wholeMatch(of: /\| `(.+?)` \| (.+) \|/).map { (String($0.1), plain($0.2) + ".") }
    }
  }

  /// Links become their words and their page.
  private static func plain(_ text: Substring) -> String {
    String(text).replacing(/\[(.+?)\]\((.+?)\)/) { "\($0.1) (docs/\($0.2))" }
  }

  /// For each id the answer to the first, shortest sample of the grammar that triggers it.
  private static func examples() throws -> [String: String] {
    let folder = root.appending(path: "grammar/rejected")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".yaml") }
      .map { SourceFile(path: $0, bytes: Array(try Data(contentsOf: folder.appending(path: $0)))) }
    var examples: [String: String] = [:]
    for file in files.sorted(by: { $0.bytes.count < $1.bytes.count }) {
      var found: [Diagnostic] = []
      let spec = Pipeline.read(file, &found)
      _ = spec.map { Pipeline.infer($0, &found) }
      for diagnostic in found where examples["\(diagnostic.id)"] == nil {
        let text = DiagnosticText().render(diagnostic)
        // A sample states what it expects in comments.
        let bare = text.replacing(#/[ ]*# (error|warning): [^\n]*/#, with: "")
        examples["\(diagnostic.id)"] = bare.trimmingCharacters(in: .newlines)
      }
    }
    return examples
  }

  private static func quoted(_ text: String) -> String { "#\"\(text)\"#" }

  /// A multi-line literal.
  private static func block(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let body = lines.map { $0.isEmpty ? "" : "      \($0)" }.joined(separator: "\n")
    return "#\"\"\"\n\(body)\n      \"\"\"#"
  }
}
