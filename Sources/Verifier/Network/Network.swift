/// A feed-forward network rebuilt from a resolved spec and stored weights.
struct Network: Sendable {
  /// One layer in its place.
  struct Layer: Sendable {
    let name: String
    let kind: String
    /// Where its inputs come from: 0 for the network's input, then the layers in order.
    let operands: [Int]
    /// The shape of one sample's output.
    let shape: [Int]
    let function: LayerFunction
    /// The number of elements of the output.
    var count: Int { shape.reduce(1, *) }
  }

  /// The shape of one input.
  let inputShape: [Int]
  /// The layers, operands first; the last gives the logits.
  private(set) var layers: [Layer] = []

  /// No value may have more elements.
  static let mostElements = 1 << 24

  /// The number of elements at a position: 0 for the input, then the layers in order.
  func count(at position: Int) -> Int {
    position == 0 ? inputShape.reduce(1, *) : layers[position - 1].count
  }

  /// A position's name.
  func name(of position: Int) -> String { position == 0 ? "input" : layers[position - 1].name }

  /// Rebuilds a network.
  init(spec: YAMLTree, file: String, weights: TensorFile) throws(Refusal) {
    func fault(_ message: String) -> Refusal {
      Refusal(.malformed, message, at: .init(file: file))
    }
    let network = spec["network"]
    guard let extents = network?["input"]?.list, let entries = network?["layers"]?.list else {
      throw fault("the spec must have 'network' with 'input' and 'layers'")
    }
    inputShape = extents.compactMap(\.integer)
    guard inputShape.count == extents.count, Self.isPossible(inputShape) else {
      throw fault("'input' must be a shape")
    }
    var positions = ["input": 0]
    for entry in entries {
      guard case .mapping(let pairs) = entry, pairs.count == 1, let kind = pairs.first?.key,
        let name = pairs[0].value["name"]?.text, positions[name] == nil
      else { throw fault("a layer must be 'kind: {name: …}' with a name of its own") }
      var operands = [layers.count]
      if let names = pairs[0].value["from"] {
        let found = (names.list ?? [names]).map { $0.text.flatMap { positions[$0] } }
        operands = found.compactMap(\.self)
        guard operands.count == found.count, !operands.isEmpty else {
          throw fault("'from' of '\(name)' must name earlier layers")
        }
      }
      let shapes = operands.map { $0 == 0 ? inputShape : layers[$0 - 1].shape }
      let source = LayerSource(
        name: name, kind: kind, keys: pairs[0].value, inputs: shapes, weights: weights.tensors,
        file: file)
      let (shape, function) = try source.layer()
      guard Self.isPossible(shape) else { throw source.malformed("has an impossible shape") }
      layers.append(
        Layer(name: name, kind: kind, operands: operands, shape: shape, function: function))
      positions[name] = layers.count
    }
    guard let last = layers.last, last.shape.count == 1, last.count >= 2 else {
      throw fault("the last layer must give at least two logits")
    }
  }

  private static func isPossible(_ shape: [Int]) -> Bool {
    guard !shape.isEmpty, shape.count <= 8 else { return false }
    var count = 1
    for extent in shape {
      guard extent > 0, extent <= mostElements / count else { return false }
      count *= extent
    }
    return true
  }
}

/// What a layer computes.
enum LayerFunction: Sendable {
  /// A x + b, with A written out.
  case linear(LinearMap)
  /// The same elements in the same order.
  case copy
  /// One function of every element.
  case pointwise(Pointwise)
  /// The largest of the elements at some places, for each element of the output.
  case maxima(places: [[Int32]], constant: Double)
  /// The elements of each group from the largest to the least, in the places of the group.
  case sorted(groups: [[Int32]])
  /// The sum of the inputs.
  case addition
  /// The inputs side by side: where each input's elements go.
  case concatenation(places: [[Int32]])
}
