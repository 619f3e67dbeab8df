import Diagnostics
import SpecSyntax

/// Flattens the layers of a network: structures become merges, names become positions.
struct LayerListDecoder {
  typealias Reference = LayerSpec.Reference

  /// Kinds that hold lists of layers, and the one that is written out before.
  static let structures: Set<String> = ["residual", "parallel", "repeat"]
  /// The name of the network's input in `from`.
  static let inputName = "input"
  private static let maximumLayers = 20_000
  /// Faults after which the rest is not looked at.
  private static let maximumDiagnostics = 100

  let registry: Registry
  let blocks: [String]
  var layers: [LayerSpec] = []
  var diagnostics: [Diagnostic] = []
  var positions: [String: Int] = [:]
  var ordinals: [String: Int] = [:]
  var used: Set<Int> = []

  init(registry: Registry, blocks: [String]) {
    self.registry = registry
    self.blocks = blocks
  }

  /// Decodes the whole list.
  mutating func decode(_ node: YAMLNode) {
    let output = list(node, key: "layers", from: .input)
    guard !diagnostics.hasErrors else { return }
    if layers.isEmpty {
      report("empty", "a network needs at least one layer", node.span)
    }
    if case .node(let index) = output { used.insert(index) }
    for index in layers.indices where !used.contains(index) {
      diagnostics.append(
        .warning(
          .spec, "unused-layer", "nothing uses the output of \(layers[index].title)",
          at: layers[index].span))
    }
  }

  /// Decodes a list of layers fed by `input`; what its last layer gives.
  mutating func list(_ node: YAMLNode, key: String, from input: Reference) -> Reference {
    guard !node.isFaulty, !(node.isNull && key == "shortcut") else { return input }
    guard let nodes = node.sequence else {
      report("wrong-type", "'\(key)' must be a list of layers, found \(node.typeName)", node.span)
      return input
    }
    var current = input
    for node in nodes {
      guard layers.count < Self.maximumLayers else {
        report("too-large", "a network has at most \(Self.maximumLayers) layers", node.span)
        return current
      }
      guard diagnostics.count < Self.maximumDiagnostics else { return current }
      current = layer(node, from: current)
    }
    return current
  }

  mutating func layer(_ node: YAMLNode, from input: Reference) -> Reference {
    guard !node.isFaulty else { return append(faulty: node.span, input) }
    guard let (kind, value) = node.entry, let name = kind.scalar else {
      report(
        "wrong-type", "a layer is 'kind' or 'kind: {keys}', found \(Self.describe(node))",
        node.span,
        help: Self.indentationHelp(node))
      return append(faulty: node.span, input)
    }
    if value?.isFaulty == true { return append(faulty: kind.span, input) }
    switch name {
    case "residual": return residual(kind, value, from: input)
    case "parallel": return parallel(kind, value, from: input)
    default: return leaf(name, kind, value, from: input)
    }
  }

  private mutating func leaf(
    _ kind: String, _ node: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    guard let type = registry.layers[kind] else {
      reportUnknown(kind, node.span)
      return append(faulty: node.span, input, named: value?["name"]?.scalar)
    }
    var reader = ConfigReader(kind: kind, span: node.span, value: value, mainKey: type.mainKey)
    let name = reader.node("name")
    let inputs = operands(&reader) ?? [input]
    let layer = type.init(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    let isSound = !reader.diagnostics.hasErrors
    return append(
      kind, isSound ? layer : nil, name: name, inputs, reader.resolved, node.span)
  }
}
