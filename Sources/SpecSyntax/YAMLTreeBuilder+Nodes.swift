import Diagnostics

extension YAMLTreeBuilder {
  /// What a finished node adds: nodes once aliases are written out, and levels below it.
  struct Size {
    var nodes: Int
    var height: Int
  }

  /// A list or mapping whose end has not come yet.
  struct Frame {
    let isMapping: Bool
    let event: YAMLEvent
    let span: Span
    var size = Size(nodes: 1, height: 1)
    var elements: [YAMLNode] = []
    var pairs: [YAMLNode.Pair] = []
    var keys: [String: Span] = [:]
    var key: YAMLNode?
  }

  mutating func push(_ event: YAMLEvent, isMapping: Bool) {
    let span = contentSpan(event)
    if let name = event.anchor { open[name] = span }
    stack.append(Frame(isMapping: isMapping, event: event, span: span))
    checkDepth(stack.count, span)
  }

  mutating func pop(_ event: YAMLEvent) {
    guard let frame = stack.popLast() else { return }
    let last = frame.isMapping ? frame.pairs.last?.value.span : frame.elements.last?.span
    let upper = frame.event.isFlow ? event.upper : last?.upper ?? frame.span.upper
    let node = YAMLNode(
      frame.isMapping ? .mapping(frame.pairs) : .sequence(frame.elements),
      span: source.span(frame.span.lower, upper))
    if let name = frame.event.anchor { open[name] = nil }
    register(frame.event, node, frame.size)
    // What is inside was counted as it came.
    add(node, frame.size, new: 1)
  }

  /// Hangs a finished node where it belongs; `new` of its nodes have not been counted yet.
  mutating func add(_ node: YAMLNode, _ size: Size, new: Int) {
    nodes += new
    guard nodes <= limits.nodes else { return reportTooManyNodes(node.span) }
    guard !stack.isEmpty else {
      root = node
      return
    }
    let top = stack.count - 1
    stack[top].size.nodes += size.nodes
    stack[top].size.height = max(stack[top].size.height, size.height + 1)
    guard stack[top].isMapping else {
      stack[top].elements.append(node)
      return
    }
    if let key = stack[top].key {
      stack[top].key = nil
      addPair(key, node)
    } else {
      stack[top].key = node
    }
  }

  private mutating func addPair(_ key: YAMLNode, _ value: YAMLNode) {
    let top = stack.count - 1
    guard case .scalar(let text, let isPlain) = key.content else {
      diagnostics.append(
        .error(.yaml, "key", "a key is one word, found a list or mapping", at: key.span))
      return
    }
    if text == "<<", isPlain {
      diagnostics.append(
        .error(
          .yaml, "merge-key", "merge keys are not part of the spec language", at: key.span,
          help: "write the keys out, or use 'define'"))
      return
    }
    if let first = stack[top].keys[text] {
      diagnostics.append(
        .error(
          .yaml, "duplicate-key", "key \(text.quoted) is written twice", at: key.span,
          notes: [.init("first written here", at: first)], help: "remove one of them"))
      return
    }
    stack[top].keys[text] = key.span
    stack[top].pairs.append(.init(key: key, value: value))
  }

  /// The span of a node without its anchor and tag.
  func contentSpan(_ event: YAMLEvent) -> Span {
    var lower = event.lower
    let bytes = source.file.bytes
    let end = source.range.upperBound
    while event.anchor != nil || event.hasTag, lower < end,
      bytes[lower] == UInt8(ascii: "&") || bytes[lower] == UInt8(ascii: "!")
    {
      while lower < end, bytes[lower] > 0x20 { lower += 1 }
      while lower < end, bytes[lower] <= 0x20 { lower += 1 }
    }
    var upper = max(lower, event.upper)
    while upper > lower, bytes[upper - 1] <= 0x20 { upper -= 1 }
    return source.span(lower, upper)
  }
}
