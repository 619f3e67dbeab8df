import SpecSyntax

/// The IR as text: a YAML document that ``Model/parse(_:registry:_:)`` reads back.
///
///     model: mnist-cnn
///     input: [1, 28, 28]
///     nodes:
///       - {node: 0, name: conv2d_1, kind: conv2d, keys: {…}, from: [input], shape: [16, 14, 14]}
///     output: 0
extension Model: CustomStringConvertible {
  /// The text; equal models print the same bytes.
  public var description: String {
    var lines = [
      "model: \(YAMLText.scalar(name))", "input: \(inputShape.specText)",
      nodes.isEmpty ? "nodes: []" : "nodes:",
    ]
    for (index, node) in nodes.enumerated() { lines.append("  - {\(node.fields(at: index))}") }
    lines.append("output: \(output.text)")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Model.Node {
  fileprivate func fields(at index: Int) -> String {
    var fields = [
      "node: \(index)", "name: \(YAMLText.scalar(name))", "kind: \(YAMLText.scalar(kind))",
    ]
    if !configuration.isEmpty {
      let keys = configuration.map { "\(YAMLText.scalar($0.key)): \($0.text)" }
      fields.append("keys: {\(keys.joined(separator: ", "))}")
    }
    fields.append("from: [\(operands.map(\.text).joined(separator: ", "))]")
    fields.append("shape: \(outputShape.specText)")
    if !parameters.isEmpty {
      let shapes = parameters.map { "\($0.name): \($0.shape.specText)" }
      fields.append("parameters: {\(shapes.joined(separator: ", "))}")
    }
    return fields.joined(separator: ", ")
  }
}

extension Model.Node.Operand {
  /// `input` or the node's number.
  var text: String {
    switch self {
    case .input: "input"
    case .node(let index): "\(index)"
    }
  }
}
