import ModelIR

extension RegularizedLayers {
  /// The key `layers` with a regulariser's default.
  static func key(default value: RegularizedLayers) -> SpecKey<RegularizedLayers> {
    SpecKey<RegularizedLayers>(
      "layers", default: value,
      "which layers: all, all but a final dense layer, or that one alone")
  }
}
