/// An image without some rows and columns at its sides.
struct Crop: LinearLayer {
  static let kind = "crop"
  static let keys = [LayerKey("margins", ImageSelection.margins)]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let (margins, image) = (try ImageSelection.margins(layer, "margins"), layer.input)
    let selection = try ImageSelection(
      layer, extent: [image[1] - margins[0] - margins[1], image[2] - margins[2] - margins[3]]
    ) { ($0 + margins[0], $1 + margins[2]) }
    (shape, evaluation) = (selection.shape, selection.evaluation)
  }
}
