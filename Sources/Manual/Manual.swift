import Catalog
import LipschitzBounds
import ModelIR

/// What `lmtc explain` knows: every kind of the catalog, section and key of a spec, bound method,
/// composition, term and diagnostic.
///
/// Keys and examples come from the catalog itself; doc comments, the glossary and the table of
/// diagnostics, which a binary does not carry, from a generated file that a test compares with its
/// sources.
public enum Manual {
  /// Every topic, by kind and then by id.
  public static let topics = Topic.Kind.allCases.flatMap { kind in
    topics(of: kind).sorted { $0.id < $1.id }
  }

  /// The topics of an id, several where a loss, say, shares a layer's name.
  ///
  /// Letters' case and the choice of blank, hyphen or underscore do not matter. `train.epochs` is the
  /// key of that section.
  public static func topics(named id: String) -> [Topic] {
    let wanted = folded(id)
    let found = topics.filter { folded($0.id) == wanted }
    guard let dot = wanted.lastIndex(of: ".") else { return found }
    let owner = wanted[..<dot]
    let places = (keys[String(wanted[wanted.index(after: dot)...])] ?? [])
      .filter { folded($0.owner) == owner }
    return (places.isEmpty ? [] : [Topic(key: wanted, at: places)]) + found
  }

  /// The places of each key of the language.
  private static let keys: [String: [KeyPlace]] = {
    let sections = SpecLanguage.sections.flatMap { section in
      section.keys.map { KeyPlace(owner: section.path, key: $0) }
    }
    let schedules = SpecLanguage.schedules.flatMap { schedule in
      schedule.keys.map { KeyPlace(owner: schedule.kind, key: $0) }
    }
    let entries = Catalog.entries.flatMap { entry in
      entry.keys.map { KeyPlace(owner: entry.kind, key: $0) }
    }
    return Dictionary(grouping: sections + schedules + entries) { $0.key.name }
  }()

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
    case .section: SpecLanguage.sections.map(Topic.init(section:))
    case .key: keys.map { Topic(key: $0, at: $1) }
    case .term: terms.map { Topic($0, .term, text: $1) }
    case .diagnostic: diagnostics.map { Topic(id: $0, diagnostic: $1) }
    }
  }

  private static let pairwise = Topic("pairwise", .composition, declarations: ["PairwiseHead"])
}
