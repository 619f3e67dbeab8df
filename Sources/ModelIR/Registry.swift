/// One kind of an open set, as the decoder of specs sees it.
public struct EntryKind<Entry: Sendable>: Sendable {
  /// The kind as specs write it.
  public let name: String
  /// The key that `name: value` sets.
  public let mainKey: String?
  /// Makes an entry of the keys that a reader gives.
  public let read: @Sendable (inout ConfigReader) -> Entry

  /// A kind of given parts.
  init(
    _ name: String, mainKey: String?, _ read: @escaping @Sendable (inout ConfigReader) -> Entry
  ) {
    self.name = name
    self.mainKey = mainKey
    self.read = read
  }

  /// A kind of the catalog.
  init(
    _ type: any CatalogEntry.Type, _ read: @escaping @Sendable (inout ConfigReader) -> Entry
  ) {
    self.init(type.kind, mainKey: type.mainKey, read)
  }

  /// The keys in the order of the manual.
  public var keys: [SpecKeyDescription] { ConfigReader.keys { _ = read(&$0) } }
}

/// The kinds of an open set by name.
public struct EntrySet<Entry: Sendable>: Sendable {
  /// What messages call an entry: `loss`.
  public let noun: String
  /// The kinds by name, sorted.
  public let names: [String]
  private let kinds: [String: EntryKind<Entry>]

  /// A set of kinds; a name given twice is a bug and traps.
  init(_ noun: String, _ kinds: [EntryKind<Entry>]) {
    self.noun = noun
    self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    names = self.kinds.keys.sorted()
  }

  /// The kind of a name; nil if there is none.
  public subscript(name: String) -> EntryKind<Entry>? { kinds[name] }
}

/// The open sets: what the decoder of specs looks kinds up in.
///
/// The catalog makes the full one; tests may make smaller ones.
public struct Registry: Sendable {
  /// Layers by kind.
  public let layers: EntrySet<any Layer>
  /// Losses by kind.
  public let losses: EntrySet<any Loss>
  /// Optimizers by kind.
  public let optimizers: EntrySet<any Optimizer>
  /// Attacks by kind.
  public let attacks: EntrySet<any Attack>
  /// Regularizers by kind.
  public let regularizers: EntrySet<any Regularizer>
  /// Parametrizations of weights by kind.
  public let parametrizations: EntrySet<any Parametrization>
  /// Augmentations by kind.
  public let augmentations: EntrySet<any Augmentation>
  /// Data formats by kind.
  public let datasets: EntrySet<any DatasetFormat>
  /// Layers of other tools that have no finite Lipschitz constant, with one phrase why: a spec that
  /// uses one gets `bound.unbounded` instead of `spec.unknown-kind`.
  public let refusedLayers: [String: String]

  /// A registry of lists; a name given twice is a bug and traps.
  public init(
    layers: [any Layer.Type], losses: [any Loss.Type] = [], optimizers: [any Optimizer.Type] = [],
    attacks: [any Attack.Type] = [], regularizers: [any Regularizer.Type] = [],
    parametrizations: [any Parametrization.Type] = [],
    augmentations: [any Augmentation.Type] = [], datasets: [any DatasetFormat.Type] = [],
    refusedLayers: [String: String] = [:]
  ) {
    self.layers = EntrySet("layer", layers.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.losses = EntrySet("loss", losses.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.optimizers = EntrySet(
      "optimizer", optimizers.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.attacks = EntrySet(
      "attack", attacks.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.regularizers = EntrySet(
      "regularizer", regularizers.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.parametrizations = EntrySet(
      "parametrization", parametrizations.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.augmentations = EntrySet(
      "augmentation", augmentations.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.datasets = EntrySet(
      "data format", datasets.map { type in EntryKind(type) { type.init(from: &$0) } })
    self.refusedLayers = refusedLayers
  }
}
