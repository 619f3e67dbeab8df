/// A feed-forward network rebuilt from a resolved spec and stored weights.
struct Network: Sendable {
  /// One layer in its place.
  struct Node: Sendable {
    let name: String
    /// Where its inputs come from: 0 for the network's input, then the layers in order.
    let operands: [Int]
    let layer: any CheckedLayer
    let form: LayerForm
    /// The matrix of a linear layer that does more than copy.
    let factor: MapFactor?

    fileprivate init(name: String, operands: [Int], layer: any CheckedLayer) {
      (self.name, self.operands, self.layer, form) = (name, operands, layer, layer.form)
      factor = form.matrix.map { MapFactor($0, name: name) }
    }
  }

  /// The shape of one input.
  let inputShape: [Int]
  /// The layers, operands first; the last gives the logits.
  private(set) var nodes: [Node] = []

  /// The number of elements at a position: 0 for the input, then the layers in order.
  func count(at position: Int) -> Int { shape(at: position).reduce(1, *) }

  private func shape(at position: Int) -> [Int] {
    position == 0 ? inputShape : nodes[position - 1].layer.shape
  }

  func name(of position: Int) -> String { position == 0 ? "input" : nodes[position - 1].name }

  /// The shape of one input, from a spec's description.
  static func inputShape(_ description: Entry) throws(Refusal) -> [Int] {
    let entry = try description("input")
    let shape = try entry.integers
    guard
      LayerDescription.isPossible(shape, mostElements: LayerDescription.elementLimit)
    else { throw entry.malformed("expected the extents of an input, found \(shape)") }
    return shape
  }

  /// Every two logits have a constant, so that more would take too much memory.
  private static let mostLogits = 4096

  /// Rebuilds a network from a spec's description.
  ///
  /// - Parameter sampleElements: how many numbers the samples have.
  init(_ description: Entry, weights: TensorFile, sampleElements: Int) throws(Refusal) {
    try description.require(keys: ["input", "layers"])
    inputShape = try Self.inputShape(description)
    let stored = weights.tensors.values.reduce(sampleElements) { $0 + $1.elements.count }
    // No value may have more elements, so that the size of the files bounds the work.
    let mostElements = 1 << 22 + 64 * stored
    let entries = try description("layers")
    var positions = ["input": 0]
    for entry in try entries.elements {
      guard let (kind, keys) = try entry.pairs.first, try entry.pairs.count == 1 else {
        throw entry.malformed("expected one layer, 'kind: {name: …}'")
      }
      let name = try keys("name").string
      guard positions[name] == nil else {
        throw keys.malformed("duplicate layer name '\(name)'")
      }
      let operands = try operands(keys, positions)
      let layer = try Self.layer(
        LayerDescription(
          name: name, kind: kind, keys: keys, inputs: operands.map(shape), weights: weights.tensors,
          mostElements: mostElements))
      nodes.append(Node(name: name, operands: operands, layer: layer))
      positions[name] = nodes.count
    }
    guard let last = nodes.last?.layer, last.shape.count == 1,
      (2...Self.mostLogits).contains(last.count)
    else {
      throw entries.malformed("the last layer must give 2 to \(Self.mostLogits) logits")
    }
  }

  /// The layers that `from` names, or the one before.
  private func operands(_ keys: Entry, _ positions: [String: Int]) throws(Refusal) -> [Int] {
    var operands: [Int] = []
    for source in try keys.optional("from")?.oneOrMore ?? [] {
      guard let position = positions[try source.string] else {
        throw source.malformed("expected the name of an earlier layer")
      }
      operands.append(position)
    }
    return operands.isEmpty ? [nodes.count] : operands
  }

  private static func layer(_ description: LayerDescription) throws(Refusal) -> any CheckedLayer {
    let kind = description.kind
    guard let type = Layers.all.first(where: { $0.kind == kind }) else {
      throw description.keys.refuted("not verified: unknown kind of layer '\(kind)'")
    }
    try description.check(type.keys)
    guard type.takesSeveralInputs || description.inputs.count == 1 else {
      throw description.malformed("must have one input, found \(description.inputs.count)")
    }
    let layer = try type.init(description)
    guard description.isPossible(layer.shape) else {
      throw description.malformed("has an invalid output shape \(layer.shape)")
    }
    return layer
  }
}
