import Foundation
import Testing

/// The manual's pages are those that the sources make.
///
/// `LMTC_UPDATE_GOLDEN=1` rewrites them and still fails, so that the change is looked at.
struct ReferencePageTests {
  @Test(arguments: ReferencePage.all)
  func pageIsUpToDate(_ page: ReferencePage) throws {
    let folder = CatalogDriftTests.folder.appending(path: "../../docs/reference").standardized
    let path = folder.appending(path: page.file)
    let text = try page.text(sources: CatalogDriftTests.folder)
    let stored = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    if stored != text, ProcessInfo.processInfo.environment["LMTC_UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(stored == text, "rewrite with LMTC_UPDATE_GOLDEN=1")
  }
}
