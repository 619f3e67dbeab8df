import Diagnostics
import SpecSyntax

/// The flattened list of layers under construction: names become positions.
struct LayerList {
  typealias Reference = LayerSpec.Reference

  /// The name of the network's input in `from`.
  static let inputName = "input"

  private(set) var layers: [LayerSpec] = []
  private var positions: [String: Int] = [:]
  private var ordinals: [String: Int] = [:]
  private var used: Set<Int> = []

  /// The names that `from` may give.
  var names: [String] { positions.keys.sorted() + [Self.inputName] }

  /// The reference that a name in `from` means.
  subscript(name: String) -> Reference? {
    name == Self.inputName ? .input : positions[name].map { .node($0) }
  }

  /// The layers but the output that no other uses.
  func unused(output: Reference) -> [LayerSpec] {
    layers.indices.filter { !used.contains($0) && output != .node($0) }.map { layers[$0] }
  }

  /// Appends a layer, named by `node` or by its kind and a number.
  mutating func append(
    _ kind: String, _ layer: (any Layer)?, name node: YAMLNode?, _ inputs: [Reference],
    _ configuration: [(key: String, text: String)], _ span: Span,
    _ diagnostics: inout [Diagnostic]
  ) -> Reference {
    ordinals[kind, default: 0] += 1
    let given = node.flatMap { Self.givenName($0, &diagnostics) }
    let name = given ?? "\(kind)_\(ordinals[kind] ?? 0)"
    let nameSpan = given == nil ? nil : node?.span
    if let first = positions[name] {
      diagnostics.append(Self.duplicate(name, nameSpan ?? span, of: layers[first]))
    }
    for case .node(let index) in inputs { used.insert(index) }
    positions[name] = layers.count
    layers.append(
      LayerSpec(
        name: name, nameSpan: nameSpan, kind: kind, layer: layer, inputs: inputs,
        configuration: configuration, span: span))
    return .node(layers.count - 1)
  }

  /// Appends a placeholder for a layer that is already reported, so that its users are not.
  mutating func append(
    faulty span: Span, _ input: Reference, named name: String? = nil
  ) -> Reference {
    let position = layers.count
    if let name { positions[name] = position }
    layers.append(
      LayerSpec(name: name ?? "?\(position)", kind: "?", layer: nil, inputs: [input], span: span))
    return .node(position)
  }

  private static func givenName(_ node: YAMLNode, _ diagnostics: inout [Diagnostic]) -> String? {
    guard !node.isFaulty else { return nil }
    let isInput = node.scalar == inputName
    if let name = node.scalar, SpecName.isValid(name), !isInput { return name }
    let message =
      isInput
      ? "'input' is the name of the network's input and cannot name a layer"
      : "a layer's name must be \(SpecName.rule), found \(node.typeName)"
    let mended = isInput ? nil : node.scalar.flatMap(SpecName.mended)
    diagnostics.append(
      .error(.spec, "name", message, at: node.span, help: mended.map { "write '\($0)'" }))
    return nil
  }

  private static func duplicate(_ name: String, _ span: Span, of first: LayerSpec) -> Diagnostic {
    let place = first.nameSpan ?? first.span
    let isCopy = place == span
    return .error(
      .spec, "duplicate-name", "two layers are named \(name.quoted)", at: span,
      notes: isCopy ? [] : [.init("the first one is here", at: place)],
      help: isCopy ? "give each copy its own name, such as '\(name)_${index}'" : nil)
  }
}
