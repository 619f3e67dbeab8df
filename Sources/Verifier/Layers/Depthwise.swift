/// Convolutions of each channel of an image by itself.
struct Depthwise: LinearLayer {
  static let kind = "depthwise"
  static let keys =
    Convolution.keys + [LayerKey("multiplier", Convolution.filterCounts)] + LayerKey.formed

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let channels = layer.input[0]
    let convolution = try Convolution(
      layer, Window(layer, axes: 2),
      filters: layer.keys("multiplier").integer * channels, groups: channels)
    (shape, evaluation) = (convolution.shape, convolution.evaluation)
  }
}
