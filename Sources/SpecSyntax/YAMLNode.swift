import Diagnostics

/// A node of a YAML document with its position.
///
/// Scalars stay text: the key that reads `no`, `1e-3` or `36/255` decides what it means.
/// Aliases are already replaced by the anchored node (whose span they keep).
public struct YAMLNode: Sendable {
  /// What the node is.
  public indirect enum Content: Sendable {
    /// Text, and whether it was written without quotes.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values in order of appearance.
    case mapping([Pair])
  }

  /// One entry of a mapping.
  public struct Pair: Sendable {
    /// The key.
    public var key: YAMLNode
    /// The value.
    public var value: YAMLNode
    /// Joins a key and its value.
    public init(key: YAMLNode, value: YAMLNode) {
      self.key = key
      self.value = value
    }
  }

  /// What the node is.
  public var content: Content
  /// The bytes it covers; for a mapping or sequence, from its first to its last descendant.
  public var span: Span

  /// Whether a fault in the node has been reported; nothing more is then reported about it.
  public var isFaulty = false

  /// A node at a position.
  public init(_ content: Content, span: Span) {
    self.content = content
    self.span = span
  }

  /// The text of a scalar.
  public var scalar: String? {
    if case .scalar(let text, _) = content { text } else { nil }
  }
  /// The elements of a sequence.
  public var sequence: [YAMLNode]? {
    if case .sequence(let nodes) = content { nodes } else { nil }
  }
  /// The entries of a mapping.
  public var mapping: [Pair]? {
    if case .mapping(let pairs) = content { pairs } else { nil }
  }
  /// The value under a key of a mapping.
  public subscript(key: String) -> YAMLNode? {
    mapping?.first { $0.key.scalar == key }?.value
  }
}

extension YAMLNode {
  /// The kind and keys of an entry written `kind`, `kind: scalar` or `kind: {keys}`; nil for
  /// anything else.
  public var entry: (kind: YAMLNode, value: YAMLNode?)? {
    switch content {
    case .scalar(let text, _): text.isEmpty ? nil : (self, nil)
    case .mapping(let pairs): pairs.count == 1 ? (pairs[0].key, pairs[0].value) : nil
    case .sequence: nil
    }
  }

  /// Nodes in the tree, this one included; O(size).
  var count: Int {
    switch content {
    case .scalar: 1
    case .sequence(let nodes): nodes.reduce(1) { $0 + $1.count }
    case .mapping(let pairs): pairs.reduce(1) { $0 + 1 + $1.value.count }
    }
  }

  /// Levels of lists and mappings, 0 for a scalar.
  var height: Int {
    switch content {
    case .scalar: 0
    case .sequence(let nodes): 1 + (nodes.map(\.height).max() ?? 0)
    case .mapping(let pairs): 1 + (pairs.map(\.value.height).max() ?? 0)
    }
  }

  /// The node, marked as reported.
  var faulty: YAMLNode {
    var node = self
    node.isFaulty = true
    return node
  }

  /// The node with everything in it at one place: what stands there in the text stands for the tree.
  public func moved(to span: Span) -> YAMLNode {
    let content: Content =
      switch content {
      case .scalar: content
      case .sequence(let nodes): .sequence(nodes.map { $0.moved(to: span) })
      case .mapping(let pairs):
        .mapping(
          pairs.map { Pair(key: $0.key.moved(to: span), value: $0.value.moved(to: span)) })
      }
    return YAMLNode(content, span: span)
  }

  /// Changes the value under a key, if it is there.
  mutating func edit(_ key: String, _ change: (inout YAMLNode) -> Void) {
    guard case .mapping(var pairs) = content,
      let index = pairs.firstIndex(where: { $0.key.scalar == key })
    else { return }
    change(&pairs[index].value)
    content = .mapping(pairs)
  }
}

extension YAMLNode {
  /// The node as an exact number; nil after a `spec.number` diagnostic at the smallest span.
  ///
  /// - Parameter key: what the number is for, named in the message.
  public func number(for key: String, _ diagnostics: inout [Diagnostic]) -> ExactNumber? {
    guard let text = scalar else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be a number, found \(typeName)", at: span))
      return nil
    }
    do {
      return try ExactNumber(text)
    } catch {
      let reason = error.isWord ? ", found \(typeName)" : "; \(error.message)"
      diagnostics.append(
        .error(
          .spec, "number", "'\(key)' must be a number\(reason)", at: span(error.range),
          help: error.help ?? Self.help(text)))
      return nil
    }
  }

  /// The node as `true` or `false`; nil after a diagnostic.
  public func bool(for key: String, _ diagnostics: inout [Diagnostic]) -> Bool? {
    if case .scalar(let text, isPlain: true) = content {
      if ["true", "True", "TRUE"].contains(text) { return true }
      if ["false", "False", "FALSE"].contains(text) { return false }
    }
    let found = scalar.map(\.quoted) ?? typeName
    diagnostics.append(
      .error(
        .spec, "wrong-type", "'\(key)' must be true or false, found \(found)", at: span,
        help: Self.boolHelp(scalar)))
    return nil
  }

  /// What the node is, in messages: `a list`, `a mapping`, `nothing` or the quoted text.
  public var typeName: String {
    switch content {
    case .scalar("", isPlain: true): "nothing"
    case .scalar(let text, _): text.quoted
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Whether nothing is written after the key, or YAML's `null` or `~`.
  public var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// The part of the span that a range of the scalar's text covers, where text and source agree
  /// byte for byte; otherwise the whole span.
  public func span(_ range: Range<Int>) -> Span {
    guard case .scalar(let text, _) = content else { return span }
    let width = span.upper - span.lower
    let quotes = width == text.utf8.count ? 0 : width == text.utf8.count + 2 ? 1 : nil
    guard let quotes, range.upperBound <= text.utf8.count else { return span }
    let start = span.lower + quotes
    guard span.file.bytes[start..<(start + text.utf8.count)].elementsEqual(text.utf8) else {
      return span
    }
    return Span(span.file, start + range.lowerBound, start + range.upperBound)
  }

  private static func help(_ text: String) -> String? {
    let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
    if [".inf", ".nan", "inf", "nan", "infinity"].contains(word) {
      return "numbers must be finite"
    }
    return text.contains(",") ? "write a decimal point, not a comma" : nil
  }

  private static func boolHelp(_ text: String?) -> String? {
    switch text?.lowercased() {
    case "yes", "on", "y", "1", "true": "write 'true'"
    case "no", "off", "n", "0", "false": "write 'false'"
    default: nil
    }
  }
}
