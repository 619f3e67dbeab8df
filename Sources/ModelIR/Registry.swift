/// The open sets by name: what the decoder of specs looks kinds up in.
///
/// The catalog makes the full one; tests may make smaller ones.
public struct Registry: Sendable {
  /// Kinds of layer by name.
  public let layers: [String: any Layer.Type]
  /// Losses by name.
  public let losses: [String: any Loss.Type]
  /// Optimisers by name.
  public let optimizers: [String: any Optimizer.Type]
  /// Attacks by name.
  public let attacks: [String: any Attack.Type]
  /// Regularisers by name.
  public let regularizers: [String: any Regularizer.Type]
  /// Augmentations by name.
  public let augmentations: [String: any Augmentation.Type]
  /// Data formats by name.
  public let datasets: [String: any DatasetFormat.Type]
  /// Layers known elsewhere that have no finite Lipschitz constant, with one phrase why: a spec that
  /// uses one gets `bound.unbounded` instead of `spec.unknown-kind`.
  public let refusedLayers: [String: String]

  /// A registry of lists; a name given twice is a bug and traps.
  public init(
    layers: [any Layer.Type], losses: [any Loss.Type] = [], optimizers: [any Optimizer.Type] = [],
    attacks: [any Attack.Type] = [], regularizers: [any Regularizer.Type] = [],
    augmentations: [any Augmentation.Type] = [], datasets: [any DatasetFormat.Type] = [],
    refusedLayers: [String: String] = [:]
  ) {
    self.layers = Dictionary(uniqueKeysWithValues: layers.map { ($0.kind, $0) })
    self.losses = Dictionary(uniqueKeysWithValues: losses.map { ($0.kind, $0) })
    self.optimizers = Dictionary(uniqueKeysWithValues: optimizers.map { ($0.kind, $0) })
    self.attacks = Dictionary(uniqueKeysWithValues: attacks.map { ($0.kind, $0) })
    self.regularizers = Dictionary(uniqueKeysWithValues: regularizers.map { ($0.kind, $0) })
    self.augmentations = Dictionary(uniqueKeysWithValues: augmentations.map { ($0.kind, $0) })
    self.datasets = Dictionary(uniqueKeysWithValues: datasets.map { ($0.kind, $0) })
    self.refusedLayers = refusedLayers
  }
}
