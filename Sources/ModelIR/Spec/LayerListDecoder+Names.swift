import Diagnostics
import SpecSyntax

extension LayerListDecoder {
  /// The operands that `from` names; nil where it is left out.
  mutating func operands(_ reader: inout ConfigReader) -> [Reference]? {
    guard let node = reader.node("from"), !node.isFaulty else { return nil }
    let names = node.sequence ?? [node]
    if names.isEmpty || names.count > 1000 {
      reader.report(
        .error(
          .spec, "wrong-length", "'from' must name between 1 and 1000 layers, found \(names.count)",
          at: node.span))
    }
    let inputs = names.prefix(1000).compactMap { operand($0, &reader) }
    return inputs.isEmpty ? nil : inputs
  }

  private func operand(_ node: YAMLNode, _ reader: inout ConfigReader) -> Reference? {
    guard !node.isFaulty else { return nil }
    let name = node.scalar ?? ""
    if name == Self.inputName { return .input }
    if let position = positions[name] { return .node(position) }
    let known = positions.keys.sorted() + [Self.inputName]
    reader.report(
      .error(
        .spec, "unknown-layer", "no layer before this one is named \(node.typeName)", at: node.span,
        help: Suggestion.nearest(to: name, in: known).map { "did you mean '\($0)'?" }))
    return nil
  }

  mutating func append(
    _ kind: String, _ layer: (any Layer)?, name node: YAMLNode?, _ inputs: [Reference],
    _ configuration: [(key: String, text: String)], _ span: Span
  ) -> Reference {
    ordinals[kind, default: 0] += 1
    let fallback = "\(kind)_\(ordinals[kind] ?? 0)"
    let given = node.flatMap { givenName($0) }
    let name = given ?? fallback
    let position = layers.count
    if let first = positions[name] {
      reportDuplicate(name, given == nil ? span : node?.span ?? span, of: layers[first])
    }
    positions[name] = position
    for case .node(let index) in inputs { used.insert(index) }
    layers.append(
      LayerSpec(
        name: name, nameSpan: given == nil ? nil : node?.span, kind: kind, layer: layer,
        inputs: inputs, configuration: configuration, span: span))
    return .node(position)
  }

  /// Stands in for a layer that is reported already, so that what follows stays silent.
  mutating func append(
    faulty span: Span, _ input: Reference, named name: String? = nil
  ) -> Reference {
    let position = layers.count
    if let name { positions[name] = position }
    layers.append(
      LayerSpec(name: name ?? "?\(position)", kind: "?", layer: nil, inputs: [input], span: span))
    return .node(position)
  }

  private mutating func givenName(_ node: YAMLNode) -> String? {
    guard !node.isFaulty else { return nil }
    guard let name = node.scalar, SpecName.isValid(name), name != Self.inputName else {
      let isInput = node.scalar == Self.inputName
      report(
        "name",
        isInput
          ? "'input' names the network's input and no layer"
          : "a layer's name is \(SpecName.rule), found \(node.typeName)", node.span,
        help: node.scalar.flatMap(SpecName.mended).flatMap { isInput ? nil : "write '\($0)'" })
      return nil
    }
    return name
  }

  private mutating func reportDuplicate(_ name: String, _ span: Span, of first: LayerSpec) {
    let place = first.nameSpan ?? first.span
    let isCopy = place == span
    diagnostics.append(
      .error(
        .spec, "duplicate-name", "two layers are named \(name.quoted)", at: span,
        notes: isCopy ? [] : [.init("the first one stands here", at: place)],
        help: isCopy ? "give each copy its own name, such as '\(name)_${index}'" : nil))
  }
}
