/// An image with rows and columns of zeros around it.
struct ZeroPad: LinearLayer {
  static let kind = "zero_pad"
  static let keys = [LayerKey("padding", ImageSelection.margins)]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let (margins, image) = (try ImageSelection.margins(layer, "padding"), layer.input)
    let selection = try ImageSelection(
      layer, extent: [image[1] + margins[0] + margins[1], image[2] + margins[2] + margins[3]]
    ) { ($0 - margins[0], $1 - margins[2]) }
    (shape, evaluation) = (selection.shape, selection.evaluation)
  }
}
