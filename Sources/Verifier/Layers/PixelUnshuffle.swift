/// Blocks of r rows and columns as r² times as many channels.
struct PixelUnshuffle: LinearLayer {
  static let kind = "pixel_unshuffle"
  static let keys = [PixelRearrangement.key]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    try ImageSelection.requireImage(layer)
    let (factor, image) = (try layer.keys("factor").integer, layer.input)
    guard image[1] % factor == 0, image[2] % factor == 0 else {
      throw layer.malformed("must have rows and columns divisible by 'factor' \(factor)")
    }
    let rearrangement = PixelRearrangement(
      coarse: [image[0] * factor * factor, image[1] / factor, image[2] / factor], factor: factor)
    shape = rearrangement.coarse
    evaluation = LinearEvaluation(
      LinearMap(inputs: layer.inputCount, selecting: rearrangement.placesInFine))
  }
}
