import Foundation
import Testing

/// Links between the project's pages lead somewhere.
@Suite struct LinkTests {
  @Test(arguments: Documents.pages) func leadsToFilesAndHeadings(page: String) throws {
    let folder = Documents.root.appending(path: page).deletingLastPathComponent()
    for link in try Documents.text(page).matches(of: /\]\(([^)#:\s]*)(?:#([^)\s]+))?\)/) {
      let path = String(link.1)
      let target =
        path.isEmpty
        ? Documents.root.appending(path: page) : folder.appending(path: path).standardized
      #expect(FileManager.default.fileExists(atPath: target.path), "\(link.0)")
      guard let anchor = link.2 else { continue }
      let text = try String(contentsOf: target, encoding: .utf8)
      #expect(Self.anchors(in: text).contains(String(anchor)), "\(link.0)")
    }
  }

  /// The anchors of a page's headings: lower case, punctuation dropped, blanks as hyphens.
  private static func anchors(in text: String) -> [String] {
    text.matches(of: /(?m)^#+ (.*)$/).map { heading in
      let kept = heading.1.lowercased().filter {
        $0.isLetter || $0.isNumber || "-_ ".contains($0)
      }
      return kept.replacing(" ", with: "-")
    }
  }
}
