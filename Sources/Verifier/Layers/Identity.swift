/// x.
struct Identity: IdentityLayer {
  static let kind = "identity"

  let shape: [Int]

  init(_ layer: LayerDescription) throws(Refusal) { shape = layer.input }
}
