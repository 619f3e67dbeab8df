/// A vector, or groups of an image's channels, moved circularly.
struct Shift: LinearLayer {
  static let kind = "shift"
  static let keys = [
    LayerKey("distance", .integer(LayerKey.extents)), LayerKey("channels", .integer(1...1 << 20)),
  ]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let distance = try layer.keys("distance").integer
    let places: [Int]
    if shape.count == 1 {
      let count = layer.inputCount
      places = (0..<count).map { ($0 - distance).residue(of: count) }
    } else {
      try ImageSelection.requireImage(layer)
      let stated = try layer.keys.optional("channels")?.integer
      let needed = stated.map { 4 * $0 } ?? 5
      guard shape[0] >= needed else {
        throw layer.malformed("must have at least \(needed) channels, found \(shape[0])")
      }
      places = Self.places(of: shape, group: stated ?? shape[0] / 5, distance)
    }
    evaluation = LinearEvaluation(LinearMap(inputs: layer.inputCount, selecting: places))
  }

  /// For each element of the output the element of the image that comes to lie there.
  private static func places(of image: [Int], group: Int, _ distance: Int) -> [Int] {
    let (height, width) = (image[1], image[2])
    return (0..<image.reduce(1, *)).map { index in
      let channel = index / (height * width)
      var (y, x) = (index / width % height, index % width)
      switch channel / group {
      case 0: y = (y - distance).residue(of: height)
      case 1: y = (y + distance).residue(of: height)
      case 2: x = (x - distance).residue(of: width)
      case 3: x = (x + distance).residue(of: width)
      default: break
      }
      return (channel * height + y) * width + x
    }
  }
}

extension Int {
  /// The non-negative remainder.
  fileprivate func residue(of modulus: Int) -> Int { (self % modulus + modulus) % modulus }
}
