import Diagnostics
import SpecSyntax

/// Reads the keys of one entry (`kind`, `kind: scalar` or `kind: {keys}`) or section, and collects
/// every fault: unknown, missing, malformed.
///
/// Reading always returns a value, a placeholder after a fault, so that an initializer is a list of
/// assignments; whoever made the reader discards the result if ``hasFaults``.
public struct ConfigReader {
  /// The entry's kind, for messages.
  public let kind: String
  /// The kind's name in the spec, the place of faults without a narrower one.
  public let span: Span
  /// What kinds of nested entries are looked up in; nil for a reader without a spec.
  public private(set) var registry: Registry?
  /// What was found wrong so far.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The keys read so far with their values as YAML, defaults included.
  public private(set) var resolved: [(key: String, text: String)] = []

  /// The number of unknown keys of one entry that are reported.
  private static let maximumUnknownKeys = 20
  private let pairs: [YAMLNode.Pair]
  /// Whether the value is a mapping, a main key's value or nothing.
  private let takesKeys: Bool
  private var missing: [String: Diagnostic] = [:]
  private var known: Set<String> = []
  private var hasFaultyValue = false
  private var allowsUnknownKeys = false
  /// The keys that a reader without a spec was asked for; nil for a reader of a spec.
  private var declared: [SpecKeyDescription]?

  /// A reader of the entry's value; `mainKey` receives a scalar or sequence value.
  public init(
    kind: String, span: Span, value: YAMLNode?, mainKey: String? = nil, registry: Registry? = nil
  ) {
    self.registry = registry
    self.kind = kind
    self.span = span
    switch value?.content {
    case .mapping(let pairs):
      (self.pairs, takesKeys) = (pairs, true)
    case .none, .scalar("", isPlain: true):
      (pairs, takesKeys) = ([], true)
    case .scalar, .sequence:
      if let value, let mainKey {
        let key = YAMLNode(.scalar(mainKey, isPlain: true), span: value.span)
        (pairs, takesKeys) = ([YAMLNode.Pair(key: key, value: value)], true)
      } else {
        (pairs, takesKeys) = ([], false)
        report(
          .error(
            .spec, "wrong-type",
            "'\(kind)' must be a mapping of keys, found \(value?.typeName ?? "nothing")",
            at: value?.span ?? span, help: "write '\(kind): {key: value}'"))
      }
    }
  }

  /// The keys that a closure reads, in its order.
  public static func keys(of read: (inout ConfigReader) -> Void) -> [SpecKeyDescription] {
    let file = SourceFile(path: "", text: "")
    var reader = ConfigReader(kind: "", span: Span(file, 0, 0), value: nil)
    reader.declared = []
    read(&reader)
    return reader.declared ?? []
  }

  /// Whether a value or a rule was faulty, so that what was read must be discarded.
  public var hasFaults: Bool { hasFaultyValue || diagnostics.hasErrors }

  /// A key's value, its default, or a placeholder after a fault.
  public mutating func read<Value>(_ key: SpecKey<Value>) -> Value {
    if declare(key.description()) { return key.placeholder }
    guard let node = node(key.name) else {
      if let value = key.defaultValue {
        resolved.append((key.name, value.specText))
      } else {
        reportMissing(key.name, key.summary)
      }
      return key.placeholder
    }
    return value(of: key, node) ?? key.placeholder
  }

  /// The value of a required key.
  public mutating func read<Value>(
    _ name: String, _ summary: String, _ requirement: SpecKey<Value>.Requirement? = nil
  ) -> Value {
    read(SpecKey(name, summary, requirement))
  }

  /// The value of a key with a default.
  public mutating func read<Value>(
    _ name: String, default value: Value, _ summary: String,
    _ requirement: SpecKey<Value>.Requirement? = nil
  ) -> Value {
    read(SpecKey(name, default: value, summary, requirement))
  }

  /// A key's value if it is given; nil if it is not, or after a fault.
  ///
  /// - Parameter otherwise: what the manual gives as the default.
  public mutating func readIfPresent<Value>(
    _ key: SpecKey<Value>, otherwise: String = "none"
  ) -> Value? {
    if declare(key.description(otherwise: otherwise)) { return nil }
    return node(key.name).flatMap { value(of: key, $0) }
  }

  /// Reports `spec.<rule>` at a key's value, or at the kind, unless a condition on the keys holds.
  ///
  /// It does nothing if a value was faulty.
  public mutating func require(
    _ condition: Bool, _ rule: String, _ message: @autoclosure () -> String, at key: String? = nil,
    help: String? = nil
  ) {
    guard !condition, !hasFaultyValue, declared == nil else { return }
    let place = key.map { span(of: $0) } ?? span
    report(.error(.spec, rule, message(), at: place, help: help))
  }

  /// The place of a key's value; the kind's if the key is left out.
  public func span(of key: String) -> Span { pair(key)?.value.span ?? span }

  /// Adds a fault or warning.
  public mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Reports keys that nothing has read; call once, last.
  ///
  /// A missing key that resembles an unknown one is taken for misspelled and not reported twice.
  public mutating func finish() {
    guard !allowsUnknownKeys else { return }
    let unknown = pairs.filter { !known.contains($0.key.scalar ?? "") }
    for pair in unknown.prefix(Self.maximumUnknownKeys) {
      let name = pair.key.scalar ?? ""
      let meant =
        ForeignName.meaning(of: name, in: missing.keys)
        ?? Suggestion.nearest(to: name, in: missing.keys.sorted())
      if let meant, let fault = missing.removeValue(forKey: meant) {
        diagnostics.removeAll { $0 == fault }
      }
      let names = meant.map { [$0] } ?? known.sorted()
      let advice =
        ForeignName.meaning(of: name, in: names) == nil ? ForeignName.advice(on: name) : nil
      report(
        .error(
          .spec, "unknown-key", "'\(kind)' has no key \(name.quoted)", at: pair.key.span,
          help: advice ?? Suggestion.help(for: name, in: names, kind: "expected one of")))
    }
  }

  private mutating func value<Value>(of key: SpecKey<Value>, _ node: YAMLNode) -> Value? {
    guard !node.isFaulty, let value = Value.decode(node, key: key.name, &diagnostics) else {
      hasFaultyValue = true
      return nil
    }
    if let requirement = key.requirement, !requirement.holds(value) {
      hasFaultyValue = true
      report(
        .error(
          .spec, "out-of-range",
          "'\(key.name)' must be \(requirement.text), found \(value.specText)", at: node.span))
      return nil
    }
    resolved.append((key.name, value.specText))
    return value
  }

  private mutating func reportMissing(_ name: String, _ summary: String, help: String? = nil) {
    hasFaultyValue = true
    let fault = Diagnostic.error(
      .spec, "missing-key", "'\(kind)' needs the key '\(name)', \(summary)", at: span, help: help)
    missing[name] = fault
    report(fault)
  }

  /// Notes a key if keys are only listed; whether they are.
  private mutating func declare(_ key: SpecKeyDescription) -> Bool {
    declared?.append(key)
    return declared != nil
  }

  private func pair(_ key: String) -> YAMLNode.Pair? { pairs.first { $0.key.scalar == key } }
}

/// Keys that hold a structure: nodes, entries, sections.
extension ConfigReader {
  /// Does not report unknown keys, where a fault hides which keys there are.
  mutating func allowUnknownKeys() { allowsUnknownKeys = true }

  /// The place of a key; the kind's if it is left out.
  func keySpan(of key: String) -> Span { pair(key)?.key.span ?? span }

  /// The node under a key; marks the key as known.
  mutating func node(_ name: String) -> YAMLNode? {
    known.insert(name)
    return pair(name)?.value
  }

  /// The node under a key of a structure; nil where it is left out.
  mutating func node(
    _ name: String, _ typeName: String, _ summary: String, default text: String = "none",
    form: SpecForm = .mapping
  ) -> YAMLNode? {
    declare(.structure(name, typeName, form, summary, default: text)) ? nil : node(name)
  }

  /// The node under a required key of a structure; nil after a diagnostic.
  mutating func requiredNode(
    _ name: String, _ typeName: String, _ summary: String, help: String? = nil,
    form: SpecForm = .mapping
  ) -> YAMLNode? {
    if declare(.structure(name, typeName, form, summary, default: nil)) { return nil }
    let node = node(name)
    if node == nil, takesKeys { reportMissing(name, summary, help: help) }
    return node
  }

  /// The entry under a key, or the default one; nil after a diagnostic.
  mutating func entry<Entry>(
    _ name: String, default text: String? = nil, _ summary: String, from set: EntrySet<Entry>
  ) -> SpecEntry<Entry>? {
    if let text {
      let node = node(name, set.noun, summary, default: text, form: .entry(of: set.noun))
      return SpecEntry(
        node ?? YAMLNode(.scalar(text, isPlain: true), span: span), from: set, &diagnostics)
    }
    return requiredNode(name, set.noun, summary, form: .entry(of: set.noun)).flatMap {
      SpecEntry($0, from: set, &diagnostics)
    }
  }

  /// The entry under a key if it is given; nil if it is not, or after a fault.
  public mutating func readIfPresent<Entry>(
    _ name: String, _ summary: String, from set: EntrySet<Entry>
  ) -> SpecEntry<Entry>? {
    guard let node = node(name, set.noun, summary, form: .entry(of: set.noun)) else { return nil }
    guard let entry = SpecEntry(node, from: set, &diagnostics) else { return nil }
    resolved.append((name, entry.specText))
    return entry
  }

  /// The entries of a list; none where it is left out or faulty.
  mutating func entries<Entry>(
    _ name: String, _ summary: String, from set: EntrySet<Entry>
  ) -> [SpecEntry<Entry>] {
    let node = node(
      name, "list of \(set.noun)s", summary, default: "[]", form: .list(of: .entry(of: set.noun)))
    guard let node, !node.isNull, !node.isFaulty else { return [] }
    guard let nodes = node.sequence else {
      report(
        .error(
          .spec, "wrong-type", "'\(name)' must be a list, found \(node.typeName)", at: node.span))
      return []
    }
    guard nodes.count <= Self.maximumEntries else {
      report(
        .error(
          .spec, "wrong-length",
          "'\(name)' must have at most \(Self.maximumEntries) entries, found \(nodes.count)",
          at: node.span))
      return []
    }
    return nodes.compactMap { SpecEntry($0, from: set, &diagnostics) }
  }

  /// A section of the spec; nil where it is left out, or after a diagnostic.
  mutating func section<Section>(
    _ name: String, _ summary: String, _ read: (inout ConfigReader) -> Section?
  ) -> Section? {
    guard let node = node(name, "mapping", summary) else { return nil }
    return nested(name, node, at: keySpan(of: name), read)
  }

  /// A section that every spec has; nil after a diagnostic.
  mutating func requiredSection<Section>(
    _ name: String, _ summary: String, help: String, _ read: (inout ConfigReader) -> Section?
  ) -> Section? {
    guard let node = requiredNode(name, "mapping", summary, help: help) else { return nil }
    return nested(name, node, at: keySpan(of: name), read)
  }

  /// Reports a key that other keys make required, if it is left out.
  mutating func needKey(_ name: String, _ summary: String) {
    if node(name) == nil { reportMissing(name, summary) }
  }

  /// What a closure reads of a nested mapping; nil after a diagnostic, or if the value is already
  /// reported.
  mutating func nested<Section>(
    _ kind: String, _ value: YAMLNode?, at span: Span,
    _ read: (inout ConfigReader) -> Section?
  ) -> Section? {
    guard value?.isFaulty != true, declared == nil else { return nil }
    var reader = ConfigReader(kind: kind, span: span, value: value)
    let section = read(&reader)
    reader.finish()
    diagnostics += reader.diagnostics
    return section
  }

  private static var maximumEntries: Int { 20 }
}

extension SpecKeyDescription {
  /// A key that holds a structure; required without a default.
  fileprivate static func structure(
    _ name: String, _ typeName: String, _ form: SpecForm, _ summary: String,
    default text: String?
  ) -> SpecKeyDescription {
    SpecKeyDescription(
      name: name, typeName: typeName, form: form, defaultText: text, requirement: nil,
      summary: summary)
  }
}
