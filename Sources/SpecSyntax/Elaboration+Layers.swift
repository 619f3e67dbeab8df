import Diagnostics

extension Elaborator {
  /// Writes a network's layers out.
  mutating func network(_ node: YAMLNode) -> YAMLNode {
    guard let pairs = node.mapping else { return node }
    let result = pairs.compactMap { pair -> YAMLNode.Pair? in
      let value =
        pair.key.scalar == "layers"
        ? layers(pair.value, Frame(constants), depth: 2)
        : substitute(pair.value, constants, depth: 2)
      return value.map { .init(key: pair.key, value: $0) }
    }
    return YAMLNode(.mapping(result), span: node.span)
  }

  /// Where the walk is: what names mean, and the blocks that are being written out.
  struct Frame {
    var scope: Scope
    var active: [String] = []
    init(_ scope: Scope) { self.scope = scope }
  }

  mutating func layers(_ node: YAMLNode, _ frame: Frame, depth: Int) -> YAMLNode? {
    guard let items = node.sequence else { return substitute(node, frame.scope, depth: depth) }
    var result: [YAMLNode] = []
    for item in items {
      guard spend(1, depth, item.span) else { return nil }
      append(item, frame, depth, to: &result)
    }
    return YAMLNode(.sequence(result), span: node.span)
  }

  mutating func append(
    _ item: YAMLNode, _ frame: Frame, _ depth: Int, to result: inout [YAMLNode]
  ) {
    guard let (kind, value) = item.entry, let word = kind.scalar,
      value != nil || !word.contains("$")
    else {
      // A layer that a constant names: what it stands for may itself be a block.
      let layer = substitute(item, frame.scope, depth: depth + 1)
      if let word = layer.scalar, let block = blocks[word] {
        expand(block, kind: layer, nil, frame, depth, to: &result)
      } else {
        result.append(layer)
      }
      return
    }
    if let block = blocks[word] {
      expand(block, kind: kind, value, frame, depth, to: &result)
    } else if word == "repeat" {
      repeatLayers(kind, value, frame, depth, to: &result)
    } else if let value, word == "residual" || word == "parallel" {
      let body = structure(value, frame, depth + 2)
      result.append(YAMLNode(.mapping([.init(key: kind, value: body)]), span: item.span))
    } else {
      result.append(substitute(item, frame.scope, depth: depth + 1))
    }
  }

  /// The keys of a layer that holds lists of layers.
  private mutating func structure(_ node: YAMLNode, _ frame: Frame, _ depth: Int) -> YAMLNode {
    guard let pairs = node.mapping else { return shortStructure(node, frame, depth) }
    let result = pairs.compactMap { pair -> YAMLNode.Pair? in
      let value: YAMLNode?
      switch (pair.key.scalar, pair.value.sequence) {
      case ("branch", _), ("shortcut", _):
        value = layers(pair.value, frame, depth: depth)
      case ("branches", let lists?):
        let branches = lists.compactMap { layers($0, frame, depth: depth + 1) }
        value = YAMLNode(.sequence(branches), span: pair.value.span)
      default:
        value = substitute(pair.value, frame.scope, depth: depth)
      }
      return value.map { .init(key: pair.key, value: $0) }
    }
    return YAMLNode(.mapping(result), span: node.span)
  }

  /// `residual: [layers]` or `parallel: [[layers], [layers]]`.
  private mutating func shortStructure(_ node: YAMLNode, _ frame: Frame, _ depth: Int) -> YAMLNode {
    guard let items = node.sequence else { return substitute(node, frame.scope, depth: depth) }
    guard !items.isEmpty, items.allSatisfy({ $0.sequence != nil }) else {
      return layers(node, frame, depth: depth) ?? node.faulty
    }
    let branches = items.compactMap { layers($0, frame, depth: depth + 1) }
    return YAMLNode(.sequence(branches), span: node.span)
  }

  mutating func fault(
    _ rule: String, _ message: String, _ span: Span, help: String? = nil
  ) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }
}
