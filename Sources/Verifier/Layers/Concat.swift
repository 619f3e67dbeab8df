import Enclosure

/// The inputs side by side along an axis.
struct Concat: CheckedLayer {
  static let kind = "concat"
  static let keys = [LayerKey("axis", .integer(0...7))]
  static let takesSeveralInputs = true

  let shape: [Int]
  /// Where each input's elements go.
  private let places: [[Int32]]

  init(_ layer: LayerDescription) throws(Refusal) {
    let axis = try layer.keys("axis").integer
    guard layer.input.indices.contains(axis) else {
      throw layer.malformed("must have an 'axis' of its inputs, found \(axis)")
    }
    var shape = layer.input
    shape[axis] = layer.inputs.reduce(0) { $0 + ($1.indices.contains(axis) ? $1[axis] : 0) }
    let inner = shape[(axis + 1)...].reduce(1, *)
    var (places, before): ([[Int32]], Int) = ([], 0)
    for input in layer.inputs {
      var same = input
      if input.count == shape.count { same[axis] = shape[axis] }
      guard same == shape else {
        throw layer.malformed(
          "must have inputs that differ only along axis \(axis), found \(layer.inputs)")
      }
      let block = input[axis] * inner
      places.append(
        (0..<input.reduce(1, *)).map {
          Int32($0 / block * shape[axis] * inner + before * inner + $0 % block)
        })
      before += input[axis]
    }
    (self.shape, self.places) = (shape, places)
  }

  var form: LayerForm { .concatenation(places: places) }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let image = BatchImage(count: count)
    for (input, places) in zip(inputs, places) {
      for (i, element) in places.enumerated() {
        for lane in 0..<Lanes.width {
          let place = i * Lanes.width + lane
          image.set(
            Int(element) * Lanes.width + lane, sample: input.sample(place),
            ball: input.element(place))
        }
      }
    }
    return image
  }
}
