/// Zero-padded convolutions of a signal [C, L].
struct Conv1D: LinearLayer {
  static let kind = "conv1d"
  static let keys =
    [
      LayerKey("kernel", .integer(LayerKey.extents)),
      LayerKey("stride", .integer(LayerKey.extents)),
      LayerKey("padding", .integers(LayerKey.amounts, counts: [], word: "same")),
      LayerKey("dilation", .integer(LayerKey.extents)), LayerKey("bias", .flag),
      Convolution.filters, Convolution.groups,
    ] + LayerKey.formed

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let convolution = try Convolution(
      layer, Window(layer, axes: 1), filters: layer.keys("filters").integer,
      groups: layer.keys("groups").integer)
    (shape, evaluation) = (convolution.shape, convolution.evaluation)
  }
}
