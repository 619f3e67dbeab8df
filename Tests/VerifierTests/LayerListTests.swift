import Catalog
import Foundation
import Testing

@testable import Verifier

/// The checker's list of layers names the files of its folder, and they are the kinds of the catalog.
@Suite struct LayerListTests {
  private static let folder = CheckerSources.folder.appending(path: "Layers")
  private static let file = "Layers+Generated.swift"

  /// The list's source, sorted by type.
  private static func text() throws -> String {
    let types = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && $0 != file }.map { $0.dropLast(6) }.sorted()
    return """
      // Generated from the files of Sources/Verifier/Layers by LayerListTests; edit those.

      /// The kinds of layers that the checker knows.
      enum Layers {
        static let all: [any CheckedLayer.Type] = [
      \(types.map { "    \($0).self,\n" }.joined())  ]
      }

      """
  }

  /// `LMTC_UPDATE_GOLDEN=1` rewrites the list and still fails, so that the change is looked at.
  @Test func theListIsUpToDate() throws {
    let path = Self.folder.appending(path: Self.file)
    let stored = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    let text = try Self.text()
    if stored != text, ProcessInfo.processInfo.environment["LMTC_UPDATE_GOLDEN"] == "1" {
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
    let missing = text.split(separator: "\n").filter { !stored.contains($0) }
    #expect(
      stored == text,
      """
      \(Self.file) is stale, missing \(missing): \
      LMTC_UPDATE_GOLDEN=1 scripts/test --filter LayerListTests
      """)
  }

  @Test func everyKindOfTheCatalogHasAFile() {
    let known = Set(Layers.all.map { $0.kind })
    for layer in Catalog.layers {
      #expect(
        known.contains(layer.kind),
        "the checker does not know '\(layer.kind)': add a file to Sources/Verifier/Layers")
    }
    #expect(known.count == Layers.all.count)
    #expect(known.isSubset(of: Catalog.layers.map { $0.kind }))
  }

  @Test func everyKindHasTheKeysOfTheCatalog() throws {
    for layer in Catalog.layers {
      let keys = Set(Layers.all.first { $0.kind == layer.kind }?.keys.map(\.name) ?? [])
      #expect(keys == Set(layer.keys.map(\.name)), "\(layer.kind)")
    }
  }
}
