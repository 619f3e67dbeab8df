import Enclosure

/// The sum of the inputs.
struct Add: CheckedLayer {
  static let kind = "add"
  static let takesSeveralInputs = true

  let shape: [Int]
  let form = LayerForm.sum

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    guard layer.inputs.allSatisfy({ $0 == layer.input }) else {
      throw layer.malformed("must have inputs of one shape, found \(layer.inputs)")
    }
  }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let image = BatchImage(count: count)
    for place in 0..<count * Lanes.width {
      var (sample, ball) = (inputs[0].sample(place), inputs[0].element(place))
      for input in inputs.dropFirst() {
        (sample, ball) = (sample + input.sample(place), ball + input.element(place))
      }
      image.set(place, sample: sample, ball: ball)
    }
    return image
  }
}
