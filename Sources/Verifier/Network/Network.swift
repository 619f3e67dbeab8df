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

  /// No value may have more elements, nor more than 2²⁰ and 64 for each number in the files.
  static let mostElements = 1 << 24

  /// The number of elements at a position: 0 for the input, then the layers in order.
  func count(at position: Int) -> Int {
    position == 0 ? inputShape.reduce(1, *) : layers[position - 1].count
  }

  /// A position's name.
  func name(of position: Int) -> String { position == 0 ? "input" : layers[position - 1].name }

  /// The shape of one input, from a spec's description.
  static func inputShape(_ description: Entry) throws(Refusal) -> [Int] {
    let shape = try LayerSource.integers(try description("input"))
    guard isPossible(shape, largest: mostElements) else {
      throw try description("input").malformed("a shape must stand here")
    }
    return shape
  }

  /// Rebuilds a network from a spec's description.
  ///
  /// - Parameter sampleElements: how many numbers the samples have.
  init(_ description: Entry, weights: TensorFile, sampleElements: Int) throws(Refusal) {
    inputShape = try Self.inputShape(description)
    let stored = weights.tensors.values.reduce(sampleElements) { $0 + $1.elements.count }
    let largest = 1 << 20 + 64 * stored
    let entries = try description("layers")
    var positions = ["input": 0]
    for entry in try entries.elements {
      guard let (kind, keys) = try entry.pairs.first, try entry.pairs.count == 1 else {
        throw entry.malformed("a layer must be 'kind: {name: …}'")
      }
      let name = try keys("name").string
      guard positions[name] == nil else { throw keys.malformed("'\(name)' is there already") }
      var operands: [Int] = []
      for source in try keys.optional("from")?.oneOrMore ?? [] {
        guard let position = positions[try source.string] else {
          throw source.malformed("an earlier layer must stand here")
        }
        operands.append(position)
      }
      if operands.isEmpty { operands = [layers.count] }
      let shapes = operands.map { $0 == 0 ? inputShape : layers[$0 - 1].shape }
      let source = LayerSource(
        name: name, kind: kind, keys: keys, inputs: shapes, weights: weights.tensors,
        largest: largest)
      let (shape, function) = try source.layer()
      guard Self.isPossible(shape, largest: largest) else {
        throw source.malformed("has an impossible shape")
      }
      layers.append(
        Layer(name: name, kind: kind, operands: operands, shape: shape, function: function))
      positions[name] = layers.count
    }
    guard let last = layers.last, last.shape.count == 1, last.count >= 2 else {
      throw entries.malformed("the last layer must give at least two logits")
    }
  }

  /// Whether a value may have a shape.
  static func isPossible(_ shape: [Int], largest: Int) -> Bool {
    guard !shape.isEmpty, shape.count <= 8 else { return false }
    let largest = min(largest, mostElements)
    var count = 1
    for extent in shape {
      guard extent > 0, extent <= largest / count else { return false }
      count *= extent
    }
    return true
  }
}

/// What a layer computes.
enum LayerFunction: Sendable {
  /// A x + b.
  case linear(LinearMap)
  /// A projection, which execution computes in another way.
  case centering(LinearMap, GroupFunction)
  /// A nonlinear function of groups of elements.
  case grouped(GroupFunction, GroupFunction.Constant)
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

  /// The matrix of a linear layer that does more than copy.
  var matrix: LinearMap? {
    switch self {
    case .linear(let map), .centering(let map, _): map
    case .copy, .pointwise, .maxima, .sorted, .grouped, .addition, .concatenation: nil
    }
  }
}
