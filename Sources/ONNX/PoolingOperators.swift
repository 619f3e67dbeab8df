import FileFormats
import OrderedCollections
import TensorGraph

/// Pooling, means and normalization.
extension NetworkImport {
  mutating func pool(_ kind: String, _ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    guard value.made.count == 3, let kernel = node.integers("kernel_shape"), kernel.count == 2
    else {
      throw Fault("windows over images are required, found samples \(value.made.shapeText)")
    }
    let window = try Window(node, kernel: kernel, over: value.made)
    guard window.dilations.allSatisfy({ $0 == 1 }), node.integer("ceil_mode", default: 0) == 0
    else {
      throw Fault("'dilations' must be 1 and 'ceil_mode' 0")
    }
    let isPadded = window.low.contains { $0 > 0 } || window.high.contains { $0 > 0 }
    var keys = window.keys(isPadded: window.isSymmetric, stride: kernel)
    var input = value
    switch kind {
    case "max_pool":
      guard window.isSymmetric else { throw Fault("its padding must be the same on both sides") }
    case "avg_pool":
      guard !isPadded || node.integer("count_include_pad", default: 0) == 1 else {
        throw Fault("'count_include_pad' must be 1, or there must be no padding")
      }
      input = try padded(value, window)
    default:
      keys.append(("p", "\(node.integer("p", default: 2))"))
      input = try padded(value, window)
    }
    return try append(
      kind, keys, of: [input], named: hint(node),
      result: [value.made[0]] + (try window.extents(over: value.made)))
  }

  /// The mean of each channel of images.
  mutating func globalAverage(_ node: ONNXNode, keepsAxes: Bool) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    guard value.made.count == 3 else {
      throw Fault("images are required, found samples \(value.made.shapeText)")
    }
    let channels = value.made[0]
    let mean = try append("global_avg_pool", of: [value], named: hint(node), result: [channels])
    return keepsAxes ? mean.viewed(as: [channels, 1, 1]) : mean
  }

  mutating func mean(_ node: ONNXNode) throws(Fault) -> Activation {
    let axes = try integers(node, "axes", operand: 1)?.map { $0 < 0 ? $0 + 4 : $0 }
    guard axes?.sorted() == [2, 3] else {
      throw Fault("a mean over the rows and columns of images is required")
    }
    return try globalAverage(node, keepsAxes: node.integer("keepdims", default: 1) != 0)
  }

  mutating func batchNormalization(_ node: ONNXNode) throws(Fault) -> Activation {
    guard node.integer("training_mode", default: 0) == 0 else {
      throw Fault("it is in training mode; export the model in evaluation mode")
    }
    let value = try inOrder(try activation(node))
    let channels = value.made[0]
    var parameters: OrderedDictionary<String, HostTensor> = [:]
    for (place, name) in ["weight", "bias", "running_mean", "running_var"].enumerated() {
      parameters[name] = HostTensor([channels], try vector(try constant(node, place + 1), channels))
    }
    guard parameters["running_var"]?.elements.allSatisfy({ $0 >= 0 }) == true else {
      throw Fault("a running variance is negative")
    }
    let epsilon = node.number("epsilon", default: 1e-5)
    return try append(
      "batch_norm", [("epsilon", epsilon.specText)], of: [value], named: hint(node, weight: 1),
      parameters, result: value.made)
  }

  mutating func instanceNormalization(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let channels = value.made[0]
    let epsilon = node.number("epsilon", default: 1e-5)
    return try append(
      "instance_norm", [("epsilon", epsilon.specText), ("affine", "true")], of: [value],
      named: hint(node, weight: 1),
      [
        "weight": HostTensor([channels], try vector(try constant(node, 1), channels)),
        "bias": HostTensor([channels], try vector(try constant(node, 2), channels)),
      ], result: value.made)
  }

  mutating func layerNormalization(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let named = node.integer("axis", default: -1)
    let axis = named < 0 ? named + value.made.count + 1 : named
    guard axis == 1 else {
      throw Fault("a normalization over all of a sample is required ('axis' 1), found \(named)")
    }
    let weight = try constant(node, 1).real
    let bias = try constantIfPresent(node, 2)?.real ?? Array(repeating: 0, count: value.count)
    guard weight.count == value.count, bias.count == value.count else {
      throw Fault("a factor and an offset for each of \(value.count) elements are required")
    }
    let epsilon = node.number("epsilon", default: 1e-5)
    return try append(
      "layer_norm", [("epsilon", epsilon.specText)], of: [value], named: hint(node, weight: 1),
      ["weight": HostTensor(value.made, weight), "bias": HostTensor(value.made, bias)],
      result: value.made)
  }
}
