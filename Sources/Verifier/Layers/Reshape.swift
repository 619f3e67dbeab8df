/// The elements in another shape.
struct Reshape: IdentityLayer {
  static let kind = "reshape"
  static let keys = [
    LayerKey("shape", .integers(1...LayerDescription.elementLimit, counts: Set(1...8)))
  ]

  let shape: [Int]

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = try layer.keys("shape").integers
    guard layer.isPossible(shape), shape.reduce(1, *) == layer.inputCount else {
      throw layer.malformed("must keep the number of elements, \(layer.inputCount)")
    }
  }
}
