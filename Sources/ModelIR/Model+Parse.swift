import Diagnostics
import SpecSyntax

extension Model {
  /// Reads the IR's text back: every layer is decoded and inferred again, and what the text says of its
  /// shapes and parameters must agree.
  ///
  /// - Parameters:
  ///   - file: the text, as ``description`` prints it.
  ///   - registry: the kinds of layer.
  ///   - diagnostics: receives the faults.
  /// - Returns: the model, or nil after an error.
  public static func parse(
    _ file: SourceFile, registry: Registry, _ diagnostics: inout [Diagnostic]
  ) -> Model? {
    var found: [Diagnostic] = []
    defer { diagnostics += found }
    guard let root = parseYAML(file, &found), !found.hasErrors else { return nil }
    let fields: [(String, YAMLNode)] = ["model", "input", "nodes", "output"].compactMap { key in
      if let node = root[key] { return (key, node) }
      found.append(.error(.spec, "missing-key", "the model needs the key '\(key)'", at: root.span))
      return nil
    }
    guard fields.count == 4, let shape = [Int].decode(fields[1].1, key: "input", &found) else {
      return nil
    }
    let nodes = fields[2].1.sequence ?? []
    let layers = nodes.enumerated().map {
      layer($0.element, at: $0.offset, registry: registry, &found)
    }
    let output = operand(fields[3].1, before: nodes.count, &found)
    guard !found.hasErrors, let output else { return nil }
    let model = infer(
      name: fields[0].1.scalar ?? "", inputShape: shape, inputSpan: fields[1].1.span,
      layers: layers.compactMap { $0 }, output: output, &found)
    guard let model else { return nil }
    for (node, text) in zip(model.nodes, nodes) { compare(node, with: text, &found) }
    return found.hasErrors ? nil : model
  }

  private static func layer(
    _ node: YAMLNode, at index: Int, registry: Registry, _ diagnostics: inout [Diagnostic]
  ) -> LayerSpec? {
    guard let name = node["name"]?.scalar, let kind = node["kind"],
      let from = node["from"]?.sequence
    else {
      diagnostics.append(
        .error(.spec, "missing-key", "a node needs 'name', 'kind' and 'from'", at: node.span))
      return nil
    }
    guard let type = kind.scalar.flatMap({ registry.layers[$0] }) else {
      diagnostics.append(registry.layers.unknown(kind.scalar ?? "", at: kind.span))
      return nil
    }
    var reader = ConfigReader(
      kind: type.name, span: kind.span, value: node["keys"], registry: registry)
    let layer = type.read(&reader)
    reader.finish()
    diagnostics += reader.diagnostics
    let inputs = from.compactMap { operand($0, before: index, &diagnostics) }
    return LayerSpec(
      name: name, kind: type.name, layer: reader.hasFaults ? nil : layer, inputs: inputs,
      configuration: reader.resolved, span: kind.span)
  }

  private static func operand(
    _ node: YAMLNode, before limit: Int, _ diagnostics: inout [Diagnostic]
  ) -> Node.Operand? {
    if node.scalar == "input" { return .input }
    if let index = node.scalar.flatMap(Int.init), (0..<limit).contains(index) {
      return .node(index)
    }
    diagnostics.append(
      .error(
        .spec, "operand",
        "an operand must be 'input' or the number of an earlier node, found \(node.typeName)",
        at: node.span))
    return nil
  }

  private static func compare(
    _ node: Node, with text: YAMLNode, _ diagnostics: inout [Diagnostic]
  ) {
    let parameters = node.parameters.map { (name: $0.name, shape: $0.shape) }
    let claims =
      [(text["shape"], "shape", node.outputShape)]
      + parameters.map { (text["parameters"]?[$0.name], $0.name, $0.shape) }
    for (claim, key, inferred) in claims {
      guard let claim, let shape = [Int].decode(claim, key: key, &diagnostics) else { continue }
      guard shape != inferred else { continue }
      diagnostics.append(
        .error(
          .shape, "claim", "'\(node.name)' must have \(key) \(inferred), found \(shape)",
          at: claim.span))
    }
  }
}
