import Diagnostics

/// A node of a YAML document with the place it stands at.
///
/// Scalars stay text: what `no`, `1e-3` or `36/255` mean is decided by the key that reads them.
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

  /// Whether a fault in the node has been reported already; who reads it says nothing more.
  public var isFaulty = false

  /// A node at a place.
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
