import Diagnostics

/// A reusable list of layers, `define: {block: {parameters: {width: 16}, layers: […]}}`.
struct Block {
  /// A parameter; without a default it must be given.
  struct Parameter {
    let name: String
    var fallback: YAMLNode?
  }

  static let maximumParameters = 64
  private static let keys = ["layers", "parameters"]

  let name: String
  /// Where the name is defined.
  let key: Span
  var parameters: [Parameter]
  /// The list of layers.
  let body: YAMLNode
  var isUsed = false

  /// Reads one entry of `define`; nil after a diagnostic.
  init?(_ name: String, _ pair: YAMLNode.Pair, _ diagnostics: inout [Diagnostic]) {
    guard let entries = pair.value.mapping, let body = pair.value["layers"] else {
      diagnostics.append(
        .error(
          .spec, "missing-key", "block '\(name)' needs the key 'layers', a list of layers",
          at: pair.key.span, help: "write '\(name): {parameters: {…}, layers: […]}'"))
      return nil
    }
    for entry in entries where !Self.keys.contains(entry.key.scalar ?? "") {
      diagnostics.append(
        .error(
          .spec, "unknown-key", "a block has no key \(entry.key.typeName)", at: entry.key.span,
          help: Suggestion.help(for: entry.key.scalar ?? "", in: Self.keys, kind: "its keys")))
    }
    guard let parameters = Self.parameters(pair.value["parameters"], &diagnostics) else {
      return nil
    }
    self.name = name
    key = pair.key.span
    self.parameters = parameters
    self.body = body
  }

  private static func parameters(
    _ node: YAMLNode?, _ diagnostics: inout [Diagnostic]
  ) -> [Parameter]? {
    guard let node, !node.isNull else { return [] }
    guard let entries = node.mapping else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'parameters' must be a mapping, found \(node.typeName)",
          at: node.span))
      return nil
    }
    guard entries.count <= maximumParameters else {
      diagnostics.append(
        .error(
          .spec, "too-large",
          "a block has at most \(maximumParameters) parameters, found \(entries.count)",
          at: node.span))
      return nil
    }
    return entries.compactMap { entry in
      guard let name = entry.key.identifier(of: "parameter", &diagnostics) else { return nil }
      return Parameter(name: name, fallback: entry.value.isNull ? nil : entry.value)
    }
  }

  /// The arguments of a use, `block: {width: 8}` or, for the first parameter, `block: 8`; nil after
  /// a diagnostic.
  func arguments(_ value: YAMLNode?, _ diagnostics: inout [Diagnostic]) -> [YAMLNode.Pair]? {
    guard let value, !value.isNull else { return [] }
    if let pairs = value.mapping { return pairs }
    guard let first = parameters.first else {
      diagnostics.append(
        .error(.spec, "wrong-type", "block '\(name)' takes no parameters", at: value.span))
      return nil
    }
    return [
      .init(key: YAMLNode(.scalar(first.name, isPlain: true), span: value.span), value: value)
    ]
  }
}
