import Diagnostics
import SpecSyntax

extension LayerListDecoder {
  mutating func report(_ rule: String, _ message: String, _ span: Span, help: String? = nil) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }

  mutating func reportUnknown(_ kind: String, _ span: Span) {
    if let reason = registry.refusedLayers[kind] {
      diagnostics.append(
        .error(
          .bound, "unbounded", "'\(kind)' has no finite Lipschitz constant: \(reason)", at: span))
      return
    }
    let known = (Array(registry.layers.keys) + Array(Self.structures) + blocks).sorted()
    report(
      "unknown-kind", "no layer is called \(kind.quoted)", span,
      help: Suggestion.help(for: kind, in: known, kind: "there are"))
  }

  static func describe(_ node: YAMLNode) -> String {
    switch node.content {
    case .mapping(let pairs): "a mapping of \(pairs.count) keys"
    case .sequence(let nodes): "a list of \(nodes.count)"
    case .scalar: node.typeName
    }
  }

  /// Help for the keys of a layer that stand in the same column as its kind.
  static func indentationHelp(_ node: YAMLNode) -> String? {
    guard let pairs = node.mapping, pairs.count > 1, pairs[0].value.isNull,
      let kind = pairs[0].key.scalar
    else { return nil }
    return "indent the keys of \(kind.quoted) further, or write them in braces"
  }
}
