/// Groups of r² channels as r times as many rows and columns.
struct PixelShuffle: LinearLayer {
  static let kind = "pixel_shuffle"
  static let keys = [PixelRearrangement.key]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    try ImageSelection.requireImage(layer)
    let factor = try layer.keys("factor").integer
    guard layer.input[0] % (factor * factor) == 0 else {
      throw layer.malformed("must have channels divisible by the square of 'factor' \(factor)")
    }
    let rearrangement = PixelRearrangement(coarse: layer.input, factor: factor)
    shape = rearrangement.fine
    evaluation = LinearEvaluation(
      LinearMap(inputs: layer.inputCount, selecting: rearrangement.placesInCoarse))
  }
}
