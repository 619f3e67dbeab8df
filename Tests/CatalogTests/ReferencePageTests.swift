import Foundation
import Manual
import Testing

/// The manual's pages, and the texts that the program carries, are those that the sources make.
///
/// `LMTC_UPDATE_GOLDEN=1` rewrites them and still fails, so that the change is looked at.
struct ReferencePageTests {
  @Test(arguments: ReferencePage.all)
  func pageIsUpToDate(_ page: ReferencePage) throws {
    try expect("docs/reference/\(page.file)", page.text())
  }

  @Test func theListsOfTheCatalogAreUpToDate() throws {
    try expect("Sources/Catalog/Catalog+Generated.swift", CatalogSource.text())
  }

  @Test func theListOfNormMethodsIsUpToDate() throws {
    try expect(
      "Sources/LipschitzBounds/Norms/NormMethods+Generated.swift", CatalogSource.normMethodText())
  }

  @Test func theTextsOfExplainAreUpToDate() throws {
    try expect("Sources/Manual/Manual+Generated.swift", ManualSource.text())
  }

  @Test func theSchemaIsUpToDate() throws {
    try expect("grammar/lmt.schema.json", SpecSchema.document.prettyText)
  }

  private func expect(_ file: String, _ text: String) throws {
    let path = CatalogDriftTests.folder.appending(path: "../../\(file)").standardized
    let stored = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    if stored != text, ProcessInfo.processInfo.environment["LMTC_UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(
      stored == text,
      "\(file) is stale: LMTC_UPDATE_GOLDEN=1 scripts/test --filter ReferencePageTests")
  }
}
