/// Zero-padded convolutions of an image [C, H, W].
struct Conv2D: LinearLayer {
  static let kind = "conv2d"
  static let keys =
    Convolution.keys + [Convolution.filters, Convolution.groups] + LayerKey.formed

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let convolution = try Convolution(
      layer, Window(layer, axes: 2), filters: layer.keys("filters").integer,
      groups: layer.keys("groups").integer)
    (shape, evaluation) = (convolution.shape, convolution.evaluation)
  }
}
