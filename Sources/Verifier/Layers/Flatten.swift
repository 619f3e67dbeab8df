/// The elements as a vector.
struct Flatten: IdentityLayer {
  static let kind = "flatten"

  let shape: [Int]

  init(_ layer: LayerDescription) throws(Refusal) { shape = [layer.inputCount] }
}
