/// An image with each row and column repeated.
struct Upsample: LinearLayer {
  static let kind = "upsample"
  static let keys = [LayerKey("factor", .integers(LayerKey.extents, counts: [2]))]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    try ImageSelection.requireImage(layer)
    let (factors, image) = (try layer.keys("factor").integers, layer.input)
    let (rows, columns) = (factors[0], factors[factors.count - 1])
    let selection = try ImageSelection(
      layer, extent: [image[1] * rows, image[2] * columns]
    ) { ($0 / rows, $1 / columns) }
    (shape, evaluation) = (selection.shape, selection.evaluation)
  }
}
