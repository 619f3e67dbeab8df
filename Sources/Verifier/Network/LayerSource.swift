/// One layer of a spec, as it is turned into what it computes: one case for each kind that the checker
/// knows.
///
/// Any other kind is refused.
struct LayerSource {
  let name: String
  let kind: String
  let keys: YAMLTree
  let inputs: [[Int]]
  let weights: [String: TensorFile.Tensor]
  let file: String

  /// The shape of the output and the function.
  func layer() throws(Refusal) -> ([Int], LayerFunction) {
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
    case "max_pool": return try maximumPool()
    case "normalize", "scale": return try diagonal()
    case "batch_norm": return try batchNormalization()
    case "zero_pad", "crop", "upsample": return try imageCopy()
    case "flatten": return ([shape.reduce(1, *)], .copy)
    case "reshape":
      let target = keys["shape"]?.list?.compactMap(\.integer) ?? []
      guard target.reduce(1, *) == shape.reduce(1, *) else { throw malformed("changes the number") }
      return (target, .copy)
    case "identity", "dropout": return (shape, .copy)
    case "max_min": return try groups(size: 2, isMaximum: false)
    case "maxout", "group_sort":
      return try groups(size: keys["size"]?.integer ?? 0, isMaximum: kind == "maxout")
    default:
      guard let function = Pointwise(kind, number: { keys[$0]?.number }) else {
        throw Refusal(
          .refuted, "not verified: the checker does not know '\(name)', a layer of kind '\(kind)'",
          at: .init(file: file))
      }
      return (shape, .pointwise(function))
    }
  }

  /// Says what is wrong with the layer.
  func malformed(_ message: String) -> Refusal {
    Refusal(.malformed, "'\(name)' \(message)", at: .init(file: file))
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
    guard keys["bias"]?.text == "true" else { return [] }
    return try parameter("bias", [count]).flatMap { Array(repeating: Double($0), count: repeated) }
  }
}
