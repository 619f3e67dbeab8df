/// x: nothing is dropped after training.
struct Dropout: IdentityLayer {
  static let kind = "dropout"
  static let keys = [LayerKey("rate", .number(0...1.0.nextDown))]

  let shape: [Int]

  init(_ layer: LayerDescription) throws(Refusal) { shape = layer.input }
}
