/// One layer of a spec, as it is turned into what it computes: one case for each kind that the checker
/// knows.
///
/// Any other kind is refused.
struct LayerSource {
  let name: String
  let kind: String
  let keys: Entry
  let inputs: [[Int]]
  let weights: [String: TensorFile.Tensor]
  /// No value may have more elements: a bound by the size of the files.
  let largest: Int
  /// No more places may be read to make a value.
  var mostReads: Int { min(LinearMap.mostElements, 4 * largest) }

  /// The shape of the output and the function.
  func layer() throws(Refusal) -> ([Int], LayerFunction) {
    try requireKnownKeys()
    switch kind {
    case "add":
      guard inputs.allSatisfy({ $0 == inputs[0] }) else { throw malformed("adds other shapes") }
      return (inputs[0], .addition)
    case "concat": return try concatenation()
    default: break
    }
    guard inputs.count == 1 else { throw malformed("has more than one input") }
    let shape = inputs[0]
    switch kind {
    case "dense": return try dense()
    case "conv2d", "conv1d", "depthwise": return try convolution()
    case "avg_pool", "global_avg_pool": return try averagePool()
    case "conv_transpose": return try transposedConvolution()
    case "max_pool": return try maximumPool()
    case "lp_pool": return try normPool()
    case "normalize", "scale": return try diagonal()
    case "gate": return try gate()
    case "center": return try centering()
    case "softmax": return softmax()
    case "layer_norm", "group_norm", "instance_norm": return try normalization()
    case "prelu": return try parametricRectifier()
    case "batch_norm": return try batchNormalization()
    case "zero_pad", "crop", "upsample": return try imageCopy()
    case "pixel_shuffle", "pixel_unshuffle": return try pixelShuffle()
    case "flatten": return ([shape.reduce(1, *)], .copy)
    case "reshape":
      let target = try Self.integers(try keys("shape"))
      guard Network.isPossible(target, largest: largest), target.reduce(1, *) == shape.reduce(1, *)
      else {
        throw malformed("changes the number")
      }
      return (target, .copy)
    case "identity", "dropout": return (shape, .copy)
    case "max_min": return try groups(size: 2, isMaximum: false)
    case "maxout", "group_sort":
      return try groups(size: try keys("size").integer, isMaximum: kind == "maxout")
    default:
      guard let function = try Pointwise(kind, keys) else {
        throw keys.refuted(
          "not verified: the checker does not know '\(name)', a layer of kind '\(kind)'")
      }
      return (shape, .pointwise(function))
    }
  }

  /// Says what is wrong with the layer.
  func malformed(_ message: String) -> Refusal {
    keys.malformed("'\(name)' \(message)")
  }

  /// The elements of a list of integers, or the one that stands there.
  static func integers(_ entry: Entry) throws(Refusal) -> [Int] {
    var integers: [Int] = []
    for element in entry.oneOrMore { integers.append(try element.integer) }
    return integers
  }

  /// A parameter of a given shape.
  func parameter(_ suffix: String, _ shape: [Int]) throws(Refusal) -> [Float] {
    guard let tensor = weights["\(name).\(suffix)"], tensor.shape == shape else {
      throw malformed("needs '\(name).\(suffix)' of shape \(shape) among the weights")
    }
    return tensor.elements
  }

  /// The bias, each element repeated; empty without one.
  func bias(_ count: Int, repeated: Int) throws(Refusal) -> [Double] {
    guard try keys("bias").flag else { return [] }
    return try parameter("bias", [count]).flatMap { Array(repeating: Double($0), count: repeated) }
  }
}
