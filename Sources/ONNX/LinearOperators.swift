import FileFormats
import OrderedCollections
import TensorGraph

/// Products with constant matrices and filters.
extension NetworkImport {
  /// Y = alpha·X·W + beta·b.
  mutating func gemm(_ node: ONNXNode) throws(Fault) -> Activation {
    guard node.integer("transA", default: 0) == 0 else { throw Fault("'transA' must be 0") }
    let weight = try constant(node, 1)
    let isTransposed = node.integer("transB", default: 0) != 0
    let matrix = isTransposed ? weight : weight.transposed(nil)
    let bias = try constantIfPresent(node, 2)
    return try dense(
      try activation(node), matrix.scaled(by: node.number("alpha", default: 1)),
      bias?.scaled(by: node.number("beta", default: 1)), node, weight: 1)
  }

  /// X·W for a constant matrix W, or W·x for a constant W and a column x.
  mutating func matrixProduct(_ node: ONNXNode) throws(Fault) -> Activation {
    if case .constant(let weight) = value(node, 0) {
      let value = try activation(node, 1)
      guard value.shape.count > 1 ? value.shape.last == 1 : !hasBatch else {
        throw Fault(
          "a constant from the left must be multiplied with one column, found \(value.shape.shapeText)"
        )
      }
      let result = try dense(value, weight, nil, node, weight: 0)
      let units = result.made
      return result.viewed(
        as: value.shape.count > 1 ? value.shape.dropLast(2) + units + [1] : units)
    }
    let value = try activation(node)
    let result = try dense(value, try constant(node, 1).transposed(nil), nil, node, weight: 1)
    return result.viewed(as: value.shape.dropLast() + result.made)
  }

  /// A dense layer with the matrix [K, D].
  private mutating func dense(
    _ value: Activation, _ matrix: ONNXConstant, _ bias: ONNXConstant?, _ node: ONNXNode,
    weight place: Int
  ) throws(Fault) -> Activation {
    guard matrix.shape.count == 2, matrix.shape[1] == value.count, matrix.shape[0] > 0 else {
      throw Fault(
        "a matrix for \(value.count) values of a sample is required, found \(matrix.shape.shapeText)"
      )
    }
    let (units, width) = (matrix.shape[0], value.count)
    var weight = matrix.real
    if let places = value.places {
      let source = weight
      for row in 0..<units {
        for (k, place) in places.enumerated() {
          weight[row * width + place] = source[row * width + k]
        }
      }
    }
    var parameters: OrderedDictionary<String, HostTensor> = [
      "weight": HostTensor([units, width], weight)
    ]
    if let bias { parameters["bias"] = HostTensor([units], try vector(bias, units)) }
    let keys = [("units", "\(units)")] + (bias == nil ? [("bias", "false")] : [])
    let input = try flat(value)
    return try append(
      "dense", keys, of: [input], named: hint(node, weight: place), parameters, result: [units])
  }

  /// A vector for channels, from a constant of that many elements or of one.
  func vector(_ constant: ONNXConstant, _ count: Int) throws(Fault) -> [Float] {
    let elements = constant.real
    // A column would be added along the batch.
    let isRow = constant.shape.dropLast().allSatisfy { $0 == 1 }
    if elements.count == count, isRow { return elements }
    guard elements.count == 1 else {
      throw Fault("a vector of \(count) numbers is required, found \(constant.shape.shapeText)")
    }
    return Array(repeating: elements[0], count: count)
  }

  /// What a layer is named after: its weight without `.weight`, or its node.
  func hint(_ node: ONNXNode, weight place: Int) -> String {
    let weight = node.inputs.indices.contains(place) ? node.inputs[place] : ""
    for ending in [".weight", "_weight", ".kernel"] where weight.hasSuffix(ending) {
      return String(weight.dropLast(ending.count))
    }
    return hint(node)
  }

  /// The node's name without the operator that exporters append: `/features/conv1/Conv` is `features.conv1`.
  func hint(_ node: ONNXNode) -> String {
    let parts = node.name.split(separator: "/")
    guard parts.count > 1, parts.last?.hasPrefix(node.operation) == true else { return node.name }
    return parts.dropLast().joined(separator: ".")
  }

  /// A convolution of [C, L] or [C, H, W].
  mutating func convolution(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let weight = try constant(node, 1)
    let groups = node.integer("group", default: 1)
    guard value.made.count > 1, weight.shape.count == value.made.count + 1, groups > 0,
      value.made[0] % groups == 0,
      weight.shape[1] == value.made[0] / groups, weight.shape[0] % groups == 0
    else {
      throw Fault(
        "filters \(weight.shape.shapeText) do not fit a sample \(value.made.shapeText) in \(groups) groups"
      )
    }
    let window = try Window(node, kernel: Array(weight.shape.dropFirst(2)), over: value.made)
    let padded = try self.padded(value, window)
    let bias = try constantIfPresent(node, 2)
    let extents = try window.extents(over: value.made)
    return try filter(
      value.made.count == 2 ? "conv1d" : "conv2d", weight, bias, filters: weight.shape[0],
      keys: window.keys(isPadded: window.isSymmetric, stride: window.unitSteps)
        + Self.groups(groups), padded, node,
      result: [weight.shape[0]] + extents)
  }

  /// A transposed convolution of [C, H, W].
  mutating func transposedConvolution(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let weight = try constant(node, 1)
    let groups = node.integer("group", default: 1)
    guard value.made.count == 3, weight.shape.count == 4, weight.shape[0] == value.made[0],
      groups > 0, value.made[0] % groups == 0
    else {
      throw Fault("filters \(weight.shape.shapeText) do not fit a sample \(value.made.shapeText)")
    }
    let window = try Window(node, kernel: Array(weight.shape.dropFirst(2)), over: nil)
    let extra = node.integers("output_padding") ?? [0, 0]
    guard window.isSymmetric, extra.count == 2, extra.allSatisfy((0...(1 << 15)).contains),
      node.integers("output_shape") == nil
    else {
      throw Fault("its padding must be the same on both sides, without 'output_shape'")
    }
    let extents = try window.transposedExtents(over: value.made, extra: extra)
    return try filter(
      "conv_transpose", weight, try constantIfPresent(node, 2), filters: weight.shape[1] * groups,
      keys: window.keys(isPadded: true, stride: window.unitSteps)
        + (extra == [0, 0] ? [] : [("output_padding", extra.flowText)]) + Self.groups(groups),
      value, node, result: [weight.shape[1] * groups] + extents)
  }

  private static func groups(_ count: Int) -> [(String, String)] {
    count == 1 ? [] : [("groups", "\(count)")]
  }

  private mutating func filter(
    _ kind: String, _ weight: ONNXConstant, _ bias: ONNXConstant?, filters: Int,
    keys: [(String, String)], _ value: Activation, _ node: ONNXNode, result: [Int]
  ) throws(Fault) -> Activation {
    var parameters: OrderedDictionary<String, HostTensor> = [
      "weight": HostTensor(weight.shape, weight.real)
    ]
    if let bias { parameters["bias"] = HostTensor([filters], try vector(bias, filters)) }
    let all = [("filters", "\(filters)")] + keys + (bias == nil ? [("bias", "false")] : [])
    return try append(
      kind, all, of: [value], named: hint(node, weight: 1), parameters, result: result)
  }

  /// The value with zeros around it, where a layer cannot add them because sides differ.
  mutating func padded(_ value: Activation, _ window: Window) throws(Fault) -> Activation {
    guard !window.isSymmetric else { return value }
    guard value.made.count == 3 else {
      throw Fault(
        "its padding must be the same on both sides, found \(window.low) and \(window.high)")
    }
    return try zeroPadded(value, low: window.low, high: window.high, named: "zero_pad")
  }

  mutating func zeroPadded(
    _ value: Activation, low: [Int], high: [Int], named hint: String
  ) throws(Fault) -> Activation {
    let sides = [low[0], high[0], low[1], high[1]]
    let shape = value.made
    return try append(
      "zero_pad", [("padding", sides.flowText)], of: [value], named: hint,
      result: [shape[0], shape[1] + low[0] + high[0], shape[2] + low[1] + high[1]])
  }
}

extension ONNXConstant {
  /// Every element times a number.
  fileprivate func scaled(by factor: Float) -> ONNXConstant {
    factor == 1 ? self : ONNXConstant(shape: shape, .real(real.map { $0 * factor }))
  }
}

extension [Int] {
  /// YAML flow text: one number where all are equal to the first, else a list.
  var flowText: String {
    Set(self).count == 1 ? "\(self[0])" : "[\(map(String.init).joined(separator: ", "))]"
  }
}
