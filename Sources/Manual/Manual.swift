import Catalog
import LipschitzBounds

/// What `lmtc explain` knows: every kind of the catalog, bound method, composition and diagnostic.
///
/// Keys and examples come from the catalog itself; doc comments and the table of diagnostics, which a
/// binary does not carry, from a generated file that a test compares with its sources.
public enum Manual {
  /// Every topic, by kind and then by id.
  public static let topics = Topic.Kind.allCases.flatMap { kind in
    topics(of: kind).sorted { $0.id < $1.id }
  }

  /// The topics of an id, several where a loss, say, shares a layer's name; letters' case and the
  /// choice of blank, hyphen or underscore do not matter.
  public static func topics(named id: String) -> [Topic] {
    let wanted = folded(id)
    return topics.filter { folded($0.id) == wanted }
  }

  private static func folded(_ id: String) -> String {
    String(id.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
  }

  private static func topics(of kind: Topic.Kind) -> [Topic] {
    switch kind {
    case .layer: Catalog.layers.map { Topic(layer: $0) }
    case .refusedLayer: Catalog.refusedLayers.map { Topic(refused: $0, reason: $1) }
    case .loss: Catalog.losses.map { Topic($0, .loss, under: "loss") }
    case .optimizer: Catalog.optimizers.map { Topic($0, .optimizer, under: "optimizer") }
    case .regularizer:
      Catalog.regularizers.map { Topic($0, .regularizer, under: "regularizers", isList: true) }
    case .parametrization:
      Catalog.parametrizations.map { Topic($0, .parametrization, under: "parametrization") }
    case .augmentation:
      Catalog.augmentations.map { Topic($0, .augmentation, under: "augment", isList: true) }
    case .attack: Catalog.attacks.map { Topic($0, .attack, under: "attacks", isList: true) }
    case .dataFormat: Catalog.datasets.map { Topic(format: $0) }
    case .boundMethod: OperatorNorms.methods.map(Topic.init(method:))
    case .composition: Composition.allCases.map(Topic.init(composition:)) + [pairwise]
    case .diagnostic: diagnostics.map { Topic(id: $0, diagnostic: $1) }
    }
  }

  private static let pairwise = Topic("pairwise", .composition, declarations: ["PairwiseHead"])
}
