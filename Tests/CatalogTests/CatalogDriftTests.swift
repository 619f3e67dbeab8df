import Catalog
import Foundation
import LipschitzBounds
import ModelIR
import Testing

/// The catalog's lists and the folders name the same things.
struct CatalogDriftTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Catalog").standardized

  private static let listed: [String: [String]] = [
    "layers": Catalog.layers.map { "\($0)" },
    "losses": Catalog.losses.map { "\($0)" },
    "optimizers": Catalog.optimizers.map { "\($0)" },
    "attacks": Catalog.attacks.map { "\($0)" },
    "regularizers": Catalog.regularizers.map { "\($0)" },
    "parametrizations": Catalog.parametrizations.map { "\($0)" },
    "augmentations": Catalog.augmentations.map { "\($0)" },
    "datasets": Catalog.datasets.map { "\($0)" },
    "methodTypes": OperatorNorms.methods.map(\.type),
  ]

  @Test(arguments: CatalogSource.lists + [CatalogSource.normMethods])
  func everyTypeOfAFolderIsListed(list: CatalogSource.EntryList) throws {
    let declared = Set(try list.types())
    #expect(!declared.isEmpty)
    let missing = declared.subtracting(Self.listed[list.name] ?? []).sorted()
    #expect(
      missing.isEmpty,
      """
      The list \(list.name) lacks \(missing.joined(separator: ", ")): run \
      'LMTC_UPDATE_GOLDEN=1 scripts/test --filter ReferencePageTests' until it passes
      """)
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
