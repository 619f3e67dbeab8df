import Diagnostics
import SpecSyntax

/// Reads the declared keys of one entry (`kind`, `kind: scalar` or `kind: {keys}`) and reports every
/// fault: unknown, missing, malformed.
public struct ConfigReader {
  /// The entry's kind, for messages.
  public let kind: String
  /// The kind's name in the spec, the place of faults without a narrower one.
  public let span: Span
  /// What was found wrong so far.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The keys read so far with their values as YAML, defaults included.
  public private(set) var resolved: [(key: String, text: String)] = []
  /// Unknown keys of one entry that are worth a line each.
  private static let maximumUnknownKeys = 20
  private let pairs: [YAMLNode.Pair]
  private var missing: [String: Diagnostic] = [:]
  private var known: Set<String> = []

  /// A reader over the entry's value; `mainKey` receives a scalar or sequence value.
  public init(kind: String, span: Span, value: YAMLNode?, mainKey: String?) {
    self.kind = kind
    self.span = span
    switch value?.content {
    case .mapping(let pairs):
      self.pairs = pairs
    case .none:
      pairs = []
    case .scalar("", isPlain: true):
      pairs = []
    case .scalar, .sequence:
      let found = value?.typeName ?? "nothing"
      if let value, let mainKey {
        let key = YAMLNode(.scalar(mainKey, isPlain: true), span: value.span)
        pairs = [YAMLNode.Pair(key: key, value: value)]
      } else {
        pairs = []
        diagnostics.append(
          .error(
            .spec, "wrong-type", "'\(kind)' takes a mapping of keys, found \(found)",
            at: value?.span ?? span, help: "write '\(kind): {key: value}'"))
      }
    }
  }

  /// The node under a key, for entries with a structure of their own; marks the key as known.
  public mutating func node(_ name: String) -> YAMLNode? {
    known.insert(name)
    return pairs.first { $0.key.scalar == name }?.value
  }

  /// A key's value or default; nil after a diagnostic.
  public mutating func read<Value>(_ key: SpecKey<Value>) -> Value? {
    guard let node = node(key.name) else {
      if key.defaultValue == nil {
        let fault = Diagnostic.error(
          .spec, "missing-key", "'\(kind)' needs the key '\(key.name)', \(key.summary)", at: span)
        missing[key.name] = fault
        report(fault)
      }
      if let value = key.defaultValue { resolved.append((key.name, value.specText)) }
      return key.defaultValue
    }
    guard !node.isFaulty, let value = Value.decode(node, key: key.name, &diagnostics) else {
      return nil
    }
    if let requirement = key.requirement, !requirement.holds(value) {
      report(
        .error(
          .spec, "out-of-range",
          "'\(key.name)' must be \(requirement.text), found \(value.specText)", at: node.span))
      return nil
    }
    resolved.append((key.name, value.specText))
    return value
  }

  /// A key's value where it is given; nil where it is not, or after a diagnostic.
  public mutating func readIfPresent<Value>(_ key: SpecKey<Value>) -> Value? {
    node(key.name) == nil ? nil : read(key)
  }

  /// Records a value read through ``node(_:)``, as YAML.
  public mutating func resolve(_ name: String, _ text: String) { resolved.append((name, text)) }

  /// Adds a fault of the entry's own.
  public mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Reports keys that nothing has read; call once, last.
  ///
  /// A missing key that an unknown one resembles is that one misspelt, and is not reported twice.
  public mutating func finish() {
    let unknown = pairs.filter { !known.contains($0.key.scalar ?? "") }
    for pair in unknown.prefix(Self.maximumUnknownKeys) {
      let name = pair.key.scalar ?? ""
      let meant = Suggestion.nearest(to: name, in: missing.keys.sorted())
      if let meant, let fault = missing.removeValue(forKey: meant) {
        diagnostics.removeAll { $0 == fault }
      }
      report(
        .error(
          .spec, "unknown-key", "'\(kind)' has no key \(name.quoted)", at: pair.key.span,
          help: Suggestion.help(
            for: name, in: meant.map { [$0] } ?? known.sorted(), kind: "its keys")))
    }
  }
}
