import Catalog
import ModelIR
import Testing

@testable import LipschitzBounds

/// The pages name what the sources declare.
@Suite struct DeclaredNameTests {
  @Test func theLanguagePageHasARowForEveryKey() throws {
    let page = try Documents.text("docs/spec.md")
    let sections = SpecLanguage.sections.flatMap(\.keys)
    let schedules = SpecLanguage.schedules.flatMap(\.keys)
    #expect(sections.count > 15 && !schedules.isEmpty)
    for key in sections {
      #expect(page.contains("| `\(key.name)` |"), "docs/spec.md lacks the key '\(key.name)'")
    }
    for key in schedules {
      #expect(page.contains("`\(key.name)"), "docs/spec.md lacks the key '\(key.name)'")
    }
  }

  @Test func theLanguagePageHasEveryDataFormat() throws {
    let page = try Documents.text("docs/spec.md")
    for format in Catalog.datasets {
      let parts = page.split(separator: "### `format: \(format.kind)`", maxSplits: 1)
      #expect(parts.count == 2, "docs/spec.md lacks the format '\(format.kind)'")
      let section = parts.last?.prefix { $0 != "#" } ?? ""
      for key in format.keys {
        #expect(section.contains("| `\(key.name)` |"), "\(format.kind) lacks '\(key.name)'")
      }
    }
  }

  @Test(arguments: SpecLanguage.quantities)
  func theLanguagePageNamesEveryQuantity(_ name: String) throws {
    #expect(try Documents.text("docs/spec.md").contains("`\(name)"))
  }

  @Test(arguments: OperatorNorms.methods)
  func theSoundnessPageNamesEveryMethod(_ method: NormMethodDescription) throws {
    let page = try Documents.text("docs/soundness.md").lowercased()
    #expect(page.contains(method.name))
  }
}
