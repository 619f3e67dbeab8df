import Catalog
import Foundation
import ModelIR
import Testing

/// The catalog's lists and the folders name the same things.
struct CatalogDriftTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Catalog").standardized

  private func names(_ folder: String, _ suffix: String) throws -> [String] {
    try FileManager.default
      .contentsOfDirectory(atPath: Self.folder.appending(path: folder).path)
      .filter { $0.hasSuffix("\(suffix).swift") }.map { String($0.dropLast(6)) }.sorted()
  }

  @Test func everyFileIsInTheCatalog() throws {
    let layers = Catalog.layers.map { "\($0)" }
    let losses = Catalog.losses.map { "\($0)" }
    let optimizers = Catalog.optimizers.map { "\($0)" }
    let regularizers = Catalog.regularizers.map { "\($0)" }
    let augmentations = Catalog.augmentations.map { "\($0)" }
    #expect(try names("Layers", "Layer") == layers.sorted())
    #expect(try names("Losses", "Loss") == losses.sorted())
    #expect(try names("Optimizers", "Optimizer") == optimizers.sorted())
    #expect(try names("Augmentations", "Augmentation") == augmentations.sorted())
    #expect(try names("Regularizers", "Regularizer") == regularizers.sorted())
    #expect(try names("Datasets", "Format") == Catalog.datasets.map { "\($0)" }.sorted())
    #expect(try names("Attacks", "Attack") == Catalog.attacks.map { "\($0)" }.sorted())
  }

  @Test func everyLayerHasExamplesAndKeysThatDecode() {
    for type in Catalog.layers {
      #expect(!type.examples.isEmpty, "\(type.kind)")
      if let main = type.mainKey { #expect(type.keys.contains { $0.name == main }) }
    }
  }

  @Test func refusedKindsAreNoLayers() {
    for kind in Catalog.refusedLayers.keys { #expect(Catalog.registry.layers[kind] == nil) }
  }
}
