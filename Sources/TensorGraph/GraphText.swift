/// The text of a graph: a line for the name, a line an input, node and output.
///
///     graph "step"
///     persistent "w" %0
///     %0 = input() {name "w"} : [10, 7]
///     %1 = dot(%0, %0) {transposeRight} : [10, 10]
///     output "gram" %1
extension Graph {
  /// Deterministic text that ``Graph/init(text:diagnostics:)`` reads back to an equal graph.
  public var text: String {
    var text = "graph \(quoted(name))\n"
    for input in inputs {
      text += input.isPersistent ? "persistent " : "input "
      text += "\(quoted(input.name)) %\(input.value.index)\n"
    }
    for index in nodes.indices { text += "\(line(of: Value(index)))\n" }
    for output in outputs { text += "output \(quoted(output.name)) %\(output.value.index)\n" }
    return text
  }

  /// The line of one node, `%1 = dot(%0, %0) {transposeRight} : [10, 10]`.
  public func line(of value: Value) -> String {
    let node = self[value]
    let operands = node.operands.map { "%\($0.index)" }.joined(separator: ", ")
    let attributes = node.operation.attributes.map { attribute in
      ([attribute.key] + attribute.values).joined(separator: " ")
    }
    let braces = attributes.isEmpty ? "" : " {\(attributes.joined(separator: ", "))}"
    return "%\(value.index) = \(node.operation.name)(\(operands))\(braces) : \(node.type)"
  }
}

/// Text in double quotes, with `\"`, `\\` and `\u{…}` for control characters.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

extension Operation {
  /// The attributes in braces: keys with their values, in a fixed order.
  var attributes: [(key: String, values: [String])] {
    switch self {
    case .input(let name): return [("name", [quoted(name)])]
    case .splat(let number): return [("value", ["\(number)"])]
    case .literal(let literal): return [("values", literal.elements.map { "\($0)" })]
    case .unary, .binary, .compare, .select, .reshape, .stopGradient, .withDerivative, .cholesky:
      return []
    case .broadcast(let axes), .reduce(_, let axes), .transpose(let axes):
      return [("axes", words(axes))]
    case .slice(let starts, let limits, let strides):
      return [("starts", words(starts)), ("limits", words(limits)), ("strides", words(strides))]
    case .pad(let low, let high, let interior):
      return [("low", words(low)), ("high", words(high)), ("interior", words(interior))]
    case .concatenate(let axis): return [("axis", ["\(axis)"])]
    case .dot(let left, let right):
      return (left ? [("transposeLeft", [])] : []) + (right ? [("transposeRight", [])] : [])
    case .triangularSolve(let transposed): return transposed ? [("transposed", [])] : []
    case .convolution(let window), .convolutionInputGradient(let window),
      .convolutionFilterGradient(let window):
      return [
        ("kernel", words(window.kernel)), ("strides", words(window.strides)),
        ("low", words(window.paddingLow)), ("high", words(window.paddingHigh)),
        ("dilations", words(window.dilations)), ("groups", ["\(window.groups)"]),
      ]
    case .sumPool(let window), .sumPoolGradient(let window), .maxPoolSelect(let window),
      .maxPoolScatter(let window):
      return [
        ("kernel", words(window.kernel)), ("strides", words(window.strides)),
        ("low", words(window.paddingLow)), ("high", words(window.paddingHigh)),
      ]
    case .random(let stream): return [("stream", ["\(stream)"])]
    }
  }

  private func words(_ numbers: [Int]) -> [String] { numbers.map(String.init) }
}
