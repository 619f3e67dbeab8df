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

  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    for i in 0..<count {
      var (sample, ball) = inputs[0].element(i)
      for input in inputs.dropFirst() {
        let other = input.element(i)
        (sample, ball) = (sample + other.sample, ball + other.ball)
      }
      image.set(i, sample: sample, ball: ball)
    }
    return image
  }
}
