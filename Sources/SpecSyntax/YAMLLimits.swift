/// How large a spec may be; what is beyond ends in a diagnostic before it costs time or memory.
public struct YAMLLimits: Sendable {
  /// Bytes of a file.
  public var bytes = 4 << 20
  /// Nodes of the tree once aliases are written out.
  public var nodes = 200_000
  /// Lists and mappings inside each other.
  public var depth = 100

  /// The limits of the product.
  public init() {}
}
