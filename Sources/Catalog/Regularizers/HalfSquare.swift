import ModelIR
import TensorGraph

/// (λ/2)·x² for each layer, where x measures the layer: what the regularizers that shrink a norm share.
struct HalfSquare: Sendable {
  let layers: RegularizedLayers
  private let weight: Double

  init(from reader: inout ConfigReader) {
    weight = reader.read("weight", "the factor λ", .nonNegative)
    layers = reader.read(RegularizedLayers.key(default: .all))
  }

  func callAsFunction(ofSquare square: Tensor) -> Tensor { square * (weight / 2) }
}

extension RegularizedLayers {
  static func key(default value: RegularizedLayers) -> SpecKey<RegularizedLayers> {
    SpecKey(
      "layers", default: value, "which layers: all, all but a final dense layer, or that one alone")
  }
}
