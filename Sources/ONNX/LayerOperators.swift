import FileFormats
import OrderedCollections
import TensorGraph

/// Operators that become one layer of the same name, and those of arithmetic.
extension NetworkImport {
  /// The layer of a node that computes something.
  mutating func layer(_ node: ONNXNode) throws(Fault) -> Activation {
    switch node.operation {
    case "Gemm": try gemm(node)
    case "MatMul": try matrixProduct(node)
    case "Conv": try convolution(node)
    case "ConvTranspose": try transposedConvolution(node)
    case "Relu": try elementwise("relu", node)
    case "Sigmoid": try elementwise("sigmoid", node)
    case "Tanh": try elementwise("tanh", node)
    case "Abs": try elementwise("abs", node)
    case "Mish": try elementwise("mish", node)
    case "Softplus": try elementwise("softplus", node)
    case "LeakyRelu":
      try elementwise("leaky_relu", node, [("slope", node.number("alpha", default: 0.01).specText)])
    case "Elu":
      try elementwise("elu", node, [("alpha", node.number("alpha", default: 1).specText)])
    case "Selu": try selu(node)
    case NodePatterns.silu: try elementwise("silu", node)
    case "HardSigmoid": try hardSigmoid(node)
    case "Gelu": try gelu(node)
    case "Clip": try clip(node)
    case "PRelu": try prelu(node)
    case "Softmax": try softmax(node)
    case "MaxPool": try pool("max_pool", node)
    case "AveragePool": try pool("avg_pool", node)
    case "LpPool": try pool("lp_pool", node)
    case "GlobalAveragePool": try globalAverage(node, keepsAxes: true)
    case "ReduceMean": try mean(node)
    case "BatchNormalization": try batchNormalization(node)
    case "InstanceNormalization": try instanceNormalization(node)
    case "LayerNormalization": try layerNormalization(node)
    case "Add": try sum(node)
    case "Sub": try difference(node)
    case "Mul": try product(node)
    case "Div": try quotient(node)
    case "ai.onnx.ml.Scaler": try scaler(node)
    case "Neg": try factors([-1], node, try activation(node))
    case "Concat": try concatenation(node)
    case "Pad": try padding(node)
    case "DepthToSpace": try pixelShuffle(node)
    case let operation: throw Fault(Self.reason(against: operation))
    }
  }

  /// Why an operator has no layer.
  private static func reason(against operation: String) -> String {
    switch operation {
    case "Exp", "Pow", "Sqrt", "Log", "Reciprocal", "Tan", "Sinh", "Cosh":
      "its slope grows without limit, so it has no finite Lipschitz constant"
    case "Sign", "Round", "Floor", "Ceil", "ArgMax", "ArgMin", "Greater", "Less", "Equal", "Where":
      "it is not continuous, so it has no finite Lipschitz constant"
    case "Erf": "lmtc reads it only in x·(1 + erf(x/√2))/2, which is its layer 'gelu'"
    case "Max", "Min", "ReduceMax", "ReduceMin", "Split", "Slice":
      "\(halvesRule), which is its layer 'max_min'"
    case "LogSoftmax":
      "lmtc has no such layer; certify the logits: end the model before it"
    case "QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger",
      "MatMulInteger":
      "lmtc certifies networks in float32 or float64, not quantized ones"
    case "Loop", "If", "Scan": "lmtc reads graphs without control flow"
    default: "lmtc does not know how to import it"
    }
  }

  /// A function of every element, whose input may be in any order.
  private mutating func elementwise(
    _ kind: String, _ node: ONNXNode, _ keys: [(String, String)] = []
  ) throws(Fault) -> Activation {
    let value = try activation(node)
    let result = try append(kind, keys, of: [value], named: hint(node), result: value.made)
    return Activation(result.layer, value.made, shape: value.shape, places: value.places)
  }

  private mutating func selu(_ node: ONNXNode) throws(Fault) -> Activation {
    let (alpha, gamma) = (
      node.number("alpha", default: 1.67326), node.number("gamma", default: 1.0507)
    )
    guard abs(alpha - 1.67326) < 1e-4, abs(gamma - 1.0507) < 1e-4 else {
      throw Fault("'alpha' and 'gamma' must be the standard ones, found \(alpha) and \(gamma)")
    }
    return try elementwise("selu", node)
  }

  private mutating func hardSigmoid(_ node: ONNXNode) throws(Fault) -> Activation {
    let (alpha, beta) = (node.number("alpha", default: 0.2), node.number("beta", default: 0.5))
    guard abs(alpha - 1 / 6) < 1e-6, beta == 0.5 else {
      throw Fault("'alpha' must be 1/6 and 'beta' 0.5, found \(alpha) and \(beta)")
    }
    return try elementwise("hard_sigmoid", node)
  }

  private mutating func gelu(_ node: ONNXNode) throws(Fault) -> Activation {
    let form = node.text("approximate", default: "none")
    guard form == "none" else {
      throw Fault(
        "'approximate' must be 'none', found '\(form)': lmtc has the exact function, and the other differs from it "
          + "by up to 5e-4")
    }
    return try elementwise("gelu", node)
  }

  private mutating func clip(_ node: ONNXNode) throws(Fault) -> Activation {
    func limit(_ name: String, _ place: Int, _ none: Float) throws(Fault) -> Float {
      if case .number(let number) = node[name] { return number }
      return try constantIfPresent(node, place)?.real.first ?? none
    }
    let low = try limit("min", 1, -.greatestFiniteMagnitude)
    let high = try limit("max", 2, .greatestFiniteMagnitude)
    if low == 0, high == .greatestFiniteMagnitude { return try elementwise("relu", node) }
    return try elementwise(
      "hard_tanh", node, [("lowest", low.specText), ("highest", high.specText)])
  }

  private mutating func prelu(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let slopes = try constant(node, 1)
    let isShared = slopes.count == 1
    let channels = isShared ? slopes.real : try perChannel(slopes.real, slopes.shape, value)
    guard let channels else {
      throw Fault("one slope for each channel is required, found \(slopes.shape.shapeText)")
    }
    return try append(
      "prelu", isShared ? [("shared", "true")] : [], of: [value], named: hint(node, weight: 1),
      ["weight": HostTensor([channels.count], channels)], result: value.made)
  }

  private mutating func softmax(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let axis = node.integer("axis", default: -1)
    guard value.made.count == 1, axis == 1 || axis == -1 else {
      throw Fault(
        "a softmax over a vector is required, found \(value.made.shapeText), axis \(axis)")
    }
    return try append("softmax", of: [value], named: hint(node), result: value.made)
  }

  private mutating func concatenation(_ node: ONNXNode) throws(Fault) -> Activation {
    if let sorted = try joinedHalves(node) { return sorted }
    var parts: [Activation] = []
    for place in node.inputs.indices { parts.append(try inOrder(try activation(node, place))) }
    let rank = parts.first?.made.count ?? 0
    let named = node.integer("axis", default: 1)
    let axis = (named < 0 ? named + rank + 1 : named) - 1
    guard (0..<rank).contains(axis), parts.allSatisfy({ $0.made.count == rank }) else {
      throw Fault("'axis' must be behind the batch's, found \(named)")
    }
    var shape = parts[0].made
    shape[axis] = parts.reduce(0) { $0 + $1.made[axis] }
    return try append("concat", [("axis", "\(axis)")], of: parts, named: hint(node), result: shape)
  }

  private mutating func pixelShuffle(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try inOrder(try activation(node))
    let (factor, mode) = (node.integer("blocksize", default: 0), node.text("mode", default: "DCR"))
    guard value.made.count == 3, factor > 0, factor < 1 << 15,
      value.made[0] % (factor * factor) == 0, mode == "CRD"
    else {
      throw Fault("images and 'mode' CRD are required, found \(value.made.shapeText), \(mode)")
    }
    let shape = value.made
    return try append(
      "pixel_shuffle", [("factor", "\(factor)")], of: [value], named: hint(node),
      result: [shape[0] / (factor * factor), shape[1] * factor, shape[2] * factor])
  }
}

extension Float {
  /// The shortest decimal that reads back as this number.
  var specText: String { "\(self)" }
}
