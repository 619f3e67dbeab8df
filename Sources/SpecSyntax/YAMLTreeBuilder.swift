import Diagnostics

/// Builds the tree from events with an explicit stack, so that no input can overflow the call stack.
///
/// Checks depth, number of nodes, tags, keys, anchors and aliases at each event.
struct YAMLTreeBuilder {
  /// The size of a finished node: nodes once aliases are expanded, and levels below it.
  private struct Size {
    var nodes: Int
    var height: Int
  }

  /// A list or mapping whose end has not been reached.
  private struct Frame {
    let isMapping: Bool
    let event: YAMLEvent
    let span: Span
    var size = Size(nodes: 1, height: 1)
    var elements: [YAMLNode] = []
    var pairs: [YAMLNode.Pair] = []
    var keys: [String: Span] = [:]
    var key: YAMLNode?
  }

  /// A node that aliases can repeat.
  private struct Anchor {
    let node: YAMLNode
    let size: Size
    let place: Span
    var isUsed = false
  }

  /// Faults after which the rest of the text is skipped.
  private static let maximumDiagnostics = 100

  private(set) var root: YAMLNode?
  private(set) var isDone = false
  private(set) var diagnostics: [Diagnostic] = []

  private let source: YAMLSource
  private let limits: YAMLLimits
  private var stack: [Frame] = []
  private var anchors: [String: Anchor] = [:]
  /// Anchors whose node has not ended yet.
  private var open: Set<String> = []
  private var nodes = 0
  private var documents = 0

  init(_ source: YAMLSource, _ limits: YAMLLimits) {
    self.source = source
    self.limits = limits
  }

  /// Takes the next event.
  mutating func accept(_ event: YAMLEvent) {
    guard diagnostics.count < Self.maximumDiagnostics else { return stop() }
    if event.hasTag { reportTag(event) }
    switch event.kind {
    case .ignored, .documentEnd: break
    case .streamEnd: finish()
    case .documentStart: startDocument(event)
    case .alias(let name): resolve(name, event)
    case .scalar(let text, let isPlain):
      let node = YAMLNode(.scalar(text, isPlain: isPlain), span: contentSpan(event))
      register(event, node, Size(nodes: 1, height: 0))
      add(node, Size(nodes: 1, height: 0), new: 1)
    case .sequenceStart: push(event, isMapping: false)
    case .mappingStart: push(event, isMapping: true)
    case .sequenceEnd, .mappingEnd: pop(event)
    }
  }

  /// Ends with a fault of the events: the text has no tree.
  mutating func fail(_ failure: Failure) {
    diagnostics += failure.diagnostics
    stop()
  }

  private mutating func stop() {
    root = nil
    isDone = true
  }

  private mutating func finish() {
    isDone = true
    let isNull = if case .scalar("", isPlain: true)? = root?.content { true } else { false }
    if root == nil || isNull {
      let start = source.range.lowerBound
      diagnostics.append(
        .error(
          .yaml, "empty", "the spec is empty", at: source.span(start, start),
          help: "begin with 'lmt: 1', 'name: …' and 'network: …'"))
      root = nil
    }
    reportUnusedAnchors()
  }

  private mutating func startDocument(_ event: YAMLEvent) {
    documents += 1
    guard documents > 1 else { return }
    diagnostics.append(
      .error(
        .yaml, "documents", "a file must contain one document, found a second",
        at: source.span(event.lower, event.upper), help: "put each spec in its own file"))
    isDone = true
  }

  // MARK: Nodes

  private mutating func push(_ event: YAMLEvent, isMapping: Bool) {
    let span = contentSpan(event)
    if let name = event.anchor { open.insert(name) }
    stack.append(Frame(isMapping: isMapping, event: event, span: span))
    checkDepth(stack.count, span)
  }

  private mutating func pop(_ event: YAMLEvent) {
    guard let frame = stack.popLast() else { return }
    let last = frame.isMapping ? frame.pairs.last?.value.span : frame.elements.last?.span
    let upper = frame.event.isFlow ? event.upper : last?.upper ?? frame.span.upper
    let node = YAMLNode(
      frame.isMapping ? .mapping(frame.pairs) : .sequence(frame.elements),
      span: source.span(frame.span.lower, upper))
    if let name = frame.event.anchor { open.remove(name) }
    register(frame.event, node, frame.size)
    // The nodes inside have been counted already.
    add(node, frame.size, new: 1)
  }

  /// Adds a finished node to its parent; `new` of its nodes have not been counted yet.
  private mutating func add(_ node: YAMLNode, _ size: Size, new: Int) {
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
        .error(.yaml, "key", "a key must be a single word, found \(key.typeName)", at: key.span))
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
          .yaml, "duplicate-key", "duplicate key \(text.quoted)", at: key.span,
          notes: [.init("first used here", at: first)], help: "remove one of them"))
      return
    }
    stack[top].keys[text] = key.span
    stack[top].pairs.append(.init(key: key, value: value))
  }

  /// The span of a node without its anchor and tag.
  private func contentSpan(_ event: YAMLEvent) -> Span {
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

  // MARK: Anchors and limits

  private mutating func register(_ event: YAMLEvent, _ node: YAMLNode, _ size: Size) {
    guard let name = event.anchor else { return }
    if let shadowed = anchors[name] { reportUnused(name, shadowed) }
    let place = source.span(event.lower, event.lower + 1 + name.utf8.count)
    anchors[name] = Anchor(node: node, size: size, place: place)
  }

  private mutating func resolve(_ name: String, _ event: YAMLEvent) {
    let span = source.span(event.lower, event.upper)
    if let anchor = anchors[name], !open.contains(name) {
      anchors[name]?.isUsed = true
      checkDepth(stack.count + anchor.size.height, span)
      add(anchor.node, anchor.size, new: anchor.size.nodes)
      return
    }
    if open.contains(name) {
      anchors[name]?.isUsed = true
      diagnostics.append(
        .error(
          .yaml, "alias", "alias '*\(name.excerpt(atMost: 48))' is inside its own anchor", at: span)
      )
    } else {
      let near = Suggestion.nearest(to: name, in: anchors.keys.sorted())
      diagnostics.append(
        .error(
          .yaml, "alias", "no anchor \(name.quoted) is defined before this alias", at: span,
          help: near.map { "did you mean '*\($0)'?" }))
    }
    stop()
  }

  private mutating func checkDepth(_ depth: Int, _ span: Span) {
    guard depth > limits.depth else { return }
    diagnostics.append(
      .error(
        .yaml, "too-deep", "lists and mappings nest at most \(limits.depth) levels deep",
        at: source.span(span.lower, min(span.lower + 1, source.range.upperBound))))
    stop()
  }

  private mutating func reportTooManyNodes(_ span: Span) {
    diagnostics.append(
      .error(
        .yaml, "too-many-nodes",
        "a spec has at most \(limits.nodes) values once its aliases are expanded", at: span))
    stop()
  }

  private mutating func reportTag(_ event: YAMLEvent) {
    let bytes = source.file.bytes
    var lower = event.lower
    if bytes[lower] == UInt8(ascii: "&") {
      while lower < event.upper, bytes[lower] > 0x20 { lower += 1 }
      while lower < event.upper, bytes[lower] <= 0x20 { lower += 1 }
    }
    var upper = lower
    while upper < source.range.upperBound, bytes[upper] > 0x20 { upper += 1 }
    let text = String(decoding: bytes[lower..<upper], as: UTF8.self)
    diagnostics.append(
      .error(
        .yaml, "tag", "tags are not part of the spec language, found \(text.quoted)",
        at: source.span(lower, upper), help: "remove the tag"))
  }

  private mutating func reportUnusedAnchors() {
    let unused = anchors.filter { !$0.value.isUsed }
      .sorted { $0.value.place.lower < $1.value.place.lower }
    for (name, anchor) in unused.prefix(Self.maximumDiagnostics) { reportUnused(name, anchor) }
  }

  private mutating func reportUnused(_ name: String, _ anchor: Anchor) {
    guard !anchor.isUsed else { return }
    diagnostics.append(
      .warning(
        .yaml, "unused-anchor", "anchor \(name.quoted) is never used", at: anchor.place,
        help: "remove '&\(name.excerpt(atMost: 48))'"))
  }
}
