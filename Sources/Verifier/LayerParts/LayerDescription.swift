/// One layer of a spec with the shapes of its inputs and the stored weights.
struct LayerDescription {
  let name: String
  let kind: String
  let keys: Entry
  let inputs: [[Int]]
  let weights: [String: TensorFile.Tensor]
  /// No value may have more elements: a bound by the size of the files.
  let mostElements: Int

  /// No more elements may be read to compute a value.
  var mostReads: Int { min(LinearMap.mostElements, max(1 << 26, 4 * mostElements)) }

  /// The shape of the first input.
  var input: [Int] { inputs[0] }
  /// The number of elements of the first input.
  var inputCount: Int { input.reduce(1, *) }
  /// The number of elements of one channel of the first input.
  var area: Int { input[1...].reduce(1, *) }

  /// Refuses keys that the kind does not have, which could change what the layer computes, and values that
  /// they may not have.
  func check(_ known: [LayerKey]) throws(Refusal) {
    for (name, value) in try keys.pairs where name != "name" && name != "from" {
      guard let key = known.first(where: { $0.name == name }) else {
        throw value.refuted("not verified: '\(kind)' has no key '\(name)'")
      }
      try key.check(value)
    }
  }

  /// Whether a value of the network may have a shape.
  func isPossible(_ shape: [Int]) -> Bool {
    Self.isPossible(shape, mostElements: mostElements)
  }

  /// Says what is wrong with the layer.
  func malformed(_ message: String) -> Refusal { keys.malformed("'\(name)' \(message)") }

  /// A number, rounded to float32 as it is stored.
  func float32(_ key: String) throws(Refusal) -> Double { Double(Float(try keys(key).number)) }

  /// A number for each channel; one alone serves all.
  func channelNumbers(_ key: String) throws(Refusal) -> [Double] {
    let numbers = try keys(key).numbers
    guard numbers.count == 1 || numbers.count == input[0] else {
      throw malformed("must have 1 or \(input[0]) numbers under '\(key)', found \(numbers.count)")
    }
    return (0..<input[0]).map { numbers[numbers.count == 1 ? 0 : $0] }
  }

  /// A parameter of a given shape.
  func parameter(_ suffix: String, _ shape: [Int]) throws(Refusal) -> [Float] {
    guard let tensor = weights["\(name).\(suffix)"] else {
      throw malformed("needs the weight '\(name).\(suffix)', which is missing")
    }
    guard tensor.shape == shape else {
      throw malformed("needs '\(name).\(suffix)' of shape \(shape), found \(tensor.shape)")
    }
    return tensor.elements
  }

  /// A parameter's numbers, each repeated for the elements that share it.
  func parameter(_ suffix: String, _ shape: [Int], repeated: Int) throws(Refusal) -> [Double] {
    try parameter(suffix, shape).flatMap { Array(repeating: Double($0), count: repeated) }
  }

  /// The bias, each element repeated; empty without one.
  func bias(_ count: Int, repeated: Int) throws(Refusal) -> [Double] {
    try keys("bias").flag ? parameter("bias", [count], repeated: repeated) : []
  }

  /// Groups of equal size: of neighbors, or of elements that are `step` apart.
  func groups(of size: Int, step: Int = 1) -> [[Int32]] {
    (0..<inputCount / size).map { index in
      let first = index / step * step * size + index % step
      return (0..<size).map { Int32(first + $0 * step) }
    }
  }

  /// No value may have more elements, however large the files are.
  static let elementLimit = 1 << 24

  /// Whether a value of at most that many elements may have a shape.
  static func isPossible(_ shape: [Int], mostElements: Int) -> Bool {
    guard !shape.isEmpty, shape.count <= 8 else { return false }
    let most = min(mostElements, elementLimit)
    var count = 1
    for extent in shape {
      guard extent > 0, extent <= most / count else { return false }
      count *= extent
    }
    return true
  }
}
