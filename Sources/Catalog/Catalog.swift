import ModelIR

/// The kinds of every open set of the spec language.
public enum Catalog {
  /// The kinds for the decoder of specs.
  public static let registry = Registry(
    layers: layers, losses: losses, optimizers: optimizers, attacks: attacks,
    regularizers: regularizers, parametrizations: parametrizations, augmentations: augmentations,
    datasets: datasets,
    refusedLayers: refusedLayers)

  /// Every entry of every set.
  public static var entries: [any CatalogEntry.Type] {
    let sets: [[any CatalogEntry.Type]] = [
      layers, losses, optimizers, attacks, regularizers, parametrizations, augmentations, datasets,
    ]
    return sets.flatMap { $0 }
  }
}
