import Diagnostics
import SpecSyntax

/// A chosen kind of an open set with its keys read: a loss, an optimizer, a schedule.
public struct SpecEntry<Value: Sendable>: Sendable {
  /// The kind's name.
  public let kind: String
  /// What the kind made of its keys.
  public let value: Value
  /// The keys with defaults, as YAML.
  public let configuration: [(key: String, text: String)]
  /// The kind in the spec, or the place that leaves it out.
  public let span: Span

  /// YAML that decodes to an equal entry: `{lmt: {c: 1}}`.
  public var specText: String {
    let keys = configuration.map { "\($0.key): \($0.text)" }.joined(separator: ", ")
    return keys.isEmpty ? kind : "{\(kind): {\(keys)}}"
  }
}

extension SpecEntry {
  /// Reads `kind`, `kind: scalar` or `kind: {keys}`; nil after a diagnostic.
  init?(_ node: YAMLNode, from set: EntrySet<Value>, _ diagnostics: inout [Diagnostic]) {
    guard !node.isFaulty else { return nil }
    guard let (name, value) = node.entry, let kind = name.scalar else {
      diagnostics.append(
        .error(
          .spec, "wrong-type",
          "expected \(set.noun.withArticle) as 'kind' or 'kind: {keys}', found \(node.typeName)",
          at: node.span))
      return nil
    }
    guard let type = set[kind] else {
      diagnostics.append(set.unknown(kind, at: name.span))
      return nil
    }
    var reader = ConfigReader(kind: kind, span: name.span, value: value, mainKey: type.mainKey)
    let result = type.read(&reader)
    reader.finish()
    diagnostics += reader.diagnostics
    guard !reader.hasFaults else { return nil }
    self.init(kind: kind, value: result, configuration: reader.resolved, span: name.span)
  }
}

extension EntrySet {
  /// The diagnostic for a name that no kind has.
  func unknown(_ name: String, at span: Span, beside others: [String] = []) -> Diagnostic {
    let known = (names + others).sorted()
    let help = Suggestion.help(for: name, in: known, kind: "expected one of")
    return .error(
      .spec, "unknown-kind", "no \(noun) is named \(name.quoted)", at: span,
      help: help ?? (known.isEmpty ? "this version has no \(noun)" : nil))
  }
}

extension String {
  fileprivate var withArticle: String {
    "aeiou".contains(prefix(1)) ? "an \(self)" : "a \(self)"
  }
}
