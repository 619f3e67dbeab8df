import Catalog
import Foundation
import Manual
import ModelIR
import Testing

/// The manual that `lmtc explain` prints has a page for everything that has a name.
struct ManualTests {
  /// The names that the files of a folder declare, by a property.
  private func declared(_ property: String, in folder: String) throws -> [String] {
    let path = CatalogDriftTests.folder.appending(path: folder)
    let names = FileManager.default.enumerator(atPath: path.path)?.compactMap { $0 as? String }
    return try (names ?? []).filter { $0.hasSuffix(".swift") }.flatMap { name in
      let source = try String(contentsOf: path.appending(path: name), encoding: .utf8)
      return source.matches(of: try Regex("static let \(property) = \"([a-z0-9_ ]+)\""))
        .compactMap { $0[1].substring.map(String.init) }
    }
  }

  @Test func everyNameInTheCatalogHasAPage() throws {
    let kinds = try declared("kind", in: "")
    let methods = try declared("name", in: "../LipschitzBounds/Norms")
    #expect(kinds.count > 35 && methods.count > 4)
    for name in kinds + methods + Array(Catalog.refusedLayers.keys) {
      #expect(!Manual.topics(named: name).isEmpty, "'lmtc explain \(name)' has no page")
    }
  }

  @Test func everyKeySectionAndQuantityHasAPage() {
    let keys =
      SpecLanguage.sections.flatMap(\.keys) + SpecLanguage.schedules.flatMap(\.keys)
      + Catalog.entries.flatMap { $0.keys }
    #expect(keys.count > 100)
    let sections = SpecLanguage.sections.map(\.path).filter { !$0.isEmpty }
    for name in keys.map(\.name) + sections + SpecLanguage.quantities {
      #expect(!Manual.topics(named: name).isEmpty, "'lmtc explain \(name)' has no page")
    }
    let epochs = Manual.topics(named: "train.epochs").filter { $0.kind == .key }
    #expect(epochs.map(\.id) == ["train.epochs"])
    #expect(epochs[0].text.contains("In `train`: passes over the training data (integer"))
    #expect(Manual.topics(named: "network.epochs").isEmpty)
  }

  @Test func everyPageHasAText() {
    for topic in Manual.topics {
      #expect(topic.text.count > 40, "\(topic.kind.rawValue) '\(topic.id)'")
    }
    for kind in Topic.Kind.allCases {
      let ids = Manual.topics.filter { $0.kind == kind }.map(\.id)
      #expect(!ids.isEmpty && ids.count == Set(ids).count, "\(kind)")
    }
  }

  @Test func everyLayerStatesItsBoundAndAnExample() {
    for topic in Manual.topics where topic.kind == .layer {
      #expect(topic.text.contains("- Bound: ") && !topic.examples.isEmpty, "\(topic.id)")
    }
  }

  @Test func whatASampleTriggersIsShown() throws {
    let folder = CatalogDriftTests.folder.appending(path: "../../grammar/rejected")
    let ids = try FileManager.default.contentsOfDirectory(atPath: folder.path).flatMap { name in
      let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
      return String(decoding: bytes, as: UTF8.self).matches(of: /# (error|warning): ([a-z.-]+)/)
        .map { String($0.2) }
    }
    #expect(Set(ids).count > 40)
    for id in Set(ids) {
      let examples = Manual.topics(named: id).flatMap(\.examples)
      #expect(examples.first?.contains("[\(id)]: ") == true, "\(id)")
    }
  }

  @Test func spellingOfAnIdIsForgiving() {
    for id in ["closed form", "closed-form", "Closed_Form"] {
      #expect(Manual.topics(named: id).map(\.id) == ["closed-form"])
    }
    #expect(Manual.topics(named: "conv").isEmpty)
  }
}
