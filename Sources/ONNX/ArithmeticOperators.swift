import FileFormats
import OrderedCollections
import TensorGraph

/// Sums, differences, products and quotients, of which one operand may be constant.
extension NetworkImport {
  mutating func sum(_ node: ONNXNode) throws(Fault) -> Activation {
    switch (value(node, 0), value(node, 1)) {
    case (.activation(let value), .constant(let constant)),
      (.constant(let constant), .activation(let value)):
      if let biased = try withBias(value, constant, node) { return biased }
      return try shifted(value, by: constant.real.map { -$0 }, constant.shape, node)
    case (.activation(let a), .activation(let b)):
      return try added(a, b, node)
    default:
      throw Fault("two operands are required")
    }
  }

  /// The sum of two activations of one shape.
  private mutating func added(
    _ a: Activation, _ b: Activation, _ node: ONNXNode
  ) throws(Fault) -> Activation {
    guard a.shape == b.shape else {
      throw Fault(
        "its operands must have one shape, found \(a.shape.shapeText) and \(b.shape.shapeText)")
    }
    if a.places == b.places, a.made == b.made {
      let sum = try append("add", of: [a, b], named: hint(node), result: a.made)
      return Activation(sum.layer, a.made, shape: a.shape, places: a.places)
    }
    let (left, right) = (try inOrder(a), try inOrder(b))
    return try append("add", of: [left, right], named: hint(node), result: left.made)
  }

  /// A constant added to a product that nothing else reads becomes its bias; nil where that does not fit.
  private mutating func withBias(
    _ value: Activation, _ constant: ONNXConstant, _ node: ONNXNode
  ) throws(Fault) -> Activation? {
    let operand = node.inputs.first {
      if case .activation = self.values(named: $0) { true } else { false }
    }
    guard let operand, isReadOnce(operand, of: value.layer), value.places == nil,
      let layer = network.layers.last, layer.name == value.layer,
      ["dense", "conv1d", "conv2d", "conv_transpose"].contains(layer.kind),
      let place = layer.keys.firstIndex(where: { $0.key == "bias" && $0.text == "false" }),
      let bias = try perChannel(constant.real, constant.shape, value), bias.count == value.made[0]
    else { return nil }
    change(layer.name) {
      $0.keys.remove(at: place)
      $0.parameters["bias"] = HostTensor([bias.count], bias)
    }
    return value
  }

  mutating func difference(_ node: ONNXNode) throws(Fault) -> Activation {
    if case .constant(let constant) = value(node, 1) {
      return try shifted(try activation(node), by: constant.real, constant.shape, node)
    }
    if case .constant(let constant) = value(node, 0) {
      let negated = try factors([-1], node, try activation(node, 1))
      return try shifted(negated, by: constant.real.map { -$0 }, constant.shape, node)
    }
    let negated = try factors([-1], node, try activation(node, 1))
    return try added(try activation(node), negated, node)
  }

  mutating func product(_ node: ONNXNode) throws(Fault) -> Activation {
    switch (value(node, 0), value(node, 1)) {
    case (.activation(let value), .constant(let constant)),
      (.constant(let constant), .activation(let value)):
      return try scaled(value, by: constant.real, constant.shape, node)
    default:
      throw Fault(
        "a product of two values that depend on the input has no finite Lipschitz constant")
    }
  }

  mutating func quotient(_ node: ONNXNode) throws(Fault) -> Activation {
    let divisor = try constant(node, 1)
    guard divisor.real.allSatisfy({ $0 != 0 && $0.isFinite }) else {
      throw Fault("it divides by a number that is 0 or not finite")
    }
    return try scaled(try activation(node), by: divisor.real.map { 1 / $0 }, divisor.shape, node)
  }

  /// (x − offset)·scale, as scikit-learn standardizes features.
  mutating func scaler(_ node: ONNXNode) throws(Fault) -> Activation {
    func numbers(_ name: String) -> (elements: [Float], shape: [Int])? {
      guard case .numbers(let numbers) = node[name], !numbers.isEmpty else { return nil }
      return (numbers, numbers.count == 1 ? [] : [numbers.count])
    }
    var value = try activation(node)
    if let offset = numbers("offset") {
      value = try shifted(value, by: offset.elements, offset.shape, node)
    }
    guard let scale = numbers("scale") else { return value }
    return try scaled(value, by: scale.elements, scale.shape, node)
  }

  /// x − c as a layer `normalize`; nothing for zeros.
  private mutating func shifted(
    _ value: Activation, by elements: [Float], _ shape: [Int], _ node: ONNXNode
  ) throws(Fault) -> Activation {
    guard elements.contains(where: { $0 != 0 }) else { return value }
    return try channelwise(value, elements, shape, node) { means in
      ("normalize", [("mean", means), ("std", "1")])
    }
  }

  private mutating func scaled(
    _ value: Activation, by elements: [Float], _ shape: [Int], _ node: ONNXNode
  ) throws(Fault) -> Activation {
    guard elements.contains(where: { $0 != 1 }) else { return value }
    return try channelwise(value, elements, shape, node) { ("scale", [("factor", $0)]) }
  }

  /// Factors for all elements.
  mutating func factors(
    _ factors: [Float], _ node: ONNXNode, _ value: Activation
  ) throws(Fault) -> Activation {
    try scaled(value, by: factors, [], node)
  }

  /// A layer with a number for each channel, or for each element of a vector.
  private mutating func channelwise(
    _ value: Activation, _ elements: [Float], _ shape: [Int], _ node: ONNXNode,
    _ layer: (String) -> (kind: String, keys: [(String, String)])
  ) throws(Fault) -> Activation {
    let numbers: [Float]
    let input: Activation
    if elements.count == 1 {
      (numbers, input) = (elements, value)
    } else if let found = try perChannel(elements, shape, value) {
      (numbers, input) = (found, value)
    } else {
      // Every element of a vector is a channel.
      numbers = try perElement(elements, shape, value)
      input = try flat(value)
    }
    let text =
      numbers.count == 1
      ? numbers[0].specText : "[\(numbers.map(\.specText).joined(separator: ", "))]"
    let (kind, keys) = layer(text)
    let result = try append(kind, keys, of: [input], named: hint(node), result: input.made)
    return Activation(result.layer, input.made, shape: value.shape, places: value.places)
  }

  /// The numbers for the channels of the layer's output, if a constant has one for each.
  func perChannel(
    _ elements: [Float], _ shape: [Int], _ value: Activation
  ) throws(Fault) -> [Float]? {
    let all = try perElement(elements, shape, value)
    let size = value.count / value.made[0]
    let firsts = (0..<value.made[0]).map { all[$0 * size] }
    let isUniform = all.indices.allSatisfy { all[$0] == firsts[$0 / size] }
    return isUniform ? firsts : nil
  }

  /// A broadcast constant in the order of the layer's output.
  private func perElement(
    _ elements: [Float], _ shape: [Int], _ value: Activation
  ) throws(Fault) -> [Float] {
    var extents = shape
    while extents.count > value.shape.count, extents.first == 1 { extents.removeFirst() }
    extents = Array(repeating: 1, count: max(0, value.shape.count - extents.count)) + extents
    guard zip(extents, value.shape).allSatisfy({ $0 == 1 || $0 == $1 }),
      extents.count == value.shape.count
    else {
      throw Fault("a constant \(shape.shapeText) does not fit a sample \(value.shape.shapeText)")
    }
    var result = [Float](repeating: 0, count: value.count)
    for place in result.indices {
      var (rest, source, stride) = (place, 0, 1)
      for axis in extents.indices.reversed() {
        let index = rest % value.shape[axis]
        rest /= value.shape[axis]
        if extents[axis] > 1 { source += index * stride }
        stride *= extents[axis]
      }
      result[value.places?[place] ?? place] = elements[source]
    }
    return result
  }

  mutating func padding(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let mode = node.text("mode", default: "constant")
    let filling = try constantIfPresent(node, 2)?.real.first ?? node.number("value", default: 0)
    guard let pads = try integers(node, "pads", operand: 1), mode == "constant", filling == 0,
      value.made.count == 3, pads.count == 8,
      [pads[0], pads[1], pads[4], pads[5]] == [0, 0, 0, 0],
      pads.allSatisfy((0...(1 << 15)).contains)
    else { throw Fault("zeros around the rows and columns of images are required") }
    return try zeroPadded(
      value, low: [pads[2], pads[3]], high: [pads[6], pads[7]], named: hint(node))
  }
}
