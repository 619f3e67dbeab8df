import ModelIR

/// The keys of a regulariser: one number, and the layers it acts on.
struct RegularizerKeys: Sendable {
  private let number: SpecKey<Double>
  private let layers: SpecKey<RegularizedLayers>

  /// A number of a given name, and a default for the layers.
  init(_ number: SpecKey<Double>, layers value: RegularizedLayers) {
    self.number = number
    layers = SpecKey(
      "layers", default: value,
      "which layers: all, all but a final dense layer, or that one alone")
  }

  /// For manuals and schemas.
  var descriptions: [SpecKeyDescription] { [number.description, layers.description] }

  /// Reads both keys; nil after a diagnostic.
  func read(from reader: inout ConfigReader) -> (number: Double, layers: RegularizedLayers)? {
    let number = reader.read(number)
    let layers = reader.read(layers)
    guard let number, let layers else { return nil }
    return (number, layers)
  }
}
