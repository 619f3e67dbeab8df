import Foundation
import Testing

/// The examples of `docs/extending.md` are the files that `ExtensionTests` compiles.
@Suite struct ExtensionPageTests {
  static let folder = "Tests/ExtensionTests/Examples"

  /// The blocks of the page by file name: each follows a line with the path where it would be.
  static let blocks: [(file: String, text: String)] = {
    let page = (try? Documents.text("docs/extending.md")) ?? ""
    return page.matches(of: /(?s)`[\w\/]+\/(\w+\.swift)`\n\n```swift\n(.*?\n)```\n/).map {
      (String($0.1), String($0.2))
    }
  }()

  static let files: [String] = {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: Documents.root.appending(path: folder).path)
    return (names ?? []).sorted()
  }()

  @Test func everyBlockIsAFile() throws {
    let page = try Documents.text("docs/extending.md")
    #expect(page.matches(of: /```swift\n/).count == Self.blocks.count)
    #expect(Self.blocks.map(\.text).count == Self.files.count)
  }

  @Test(arguments: files) func theBlockIsTheFile(_ file: String) throws {
    // Inside its target an entry needs no `@testable`.
    let text = try Documents.text("\(Self.folder)/\(file)")
      .replacing(/(?m)^@testable import \w+\n+/, with: "")
    #expect(Self.blocks.contains { $0.text == text }, "docs/extending.md lacks \(file)")
  }
}
