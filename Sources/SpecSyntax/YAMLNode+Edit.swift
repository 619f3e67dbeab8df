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
}
