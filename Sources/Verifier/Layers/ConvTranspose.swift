/// The adjoint of a convolution of the output.
struct ConvTranspose: LinearLayer {
  static let kind = "conv_transpose"
  static let keys =
    Convolution.keys.filter { $0.name != "padding" } + [
      Convolution.filters, Convolution.groups,
      LayerKey("padding", .integers(LayerKey.amounts, counts: [2])),
      LayerKey("output_padding", .integers(LayerKey.amounts, counts: [2])),
    ] + LayerKey.training

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let (filters, groups) = (try layer.keys("filters").integer, try layer.keys("groups").integer)
    try Convolution.check(layer, filters: filters, groups: groups)
    let (window, channels) = (try Window(layer, axes: 2, adjoint: filters), layer.input[0])
    let weight = try layer.parameter("weight", [channels, filters / groups] + window.kernel)
    let stencil = window.stencil(filters: channels, groups: groups, weight.map(Double.init))
    let terms = channels / groups * window.taps
    guard var map = try layer.map(stencil, terms: terms).transposed else {
      throw layer.malformed("has too many coefficients")
    }
    map.offset = try layer.bias(filters, repeated: window.area)
    (shape, evaluation) = (stencil.input, LinearEvaluation(map))
  }
}
