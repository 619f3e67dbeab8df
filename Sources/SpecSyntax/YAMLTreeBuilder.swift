import Diagnostics

/// Builds the tree from events with a stack of its own, so that no input can exhaust the machine's.
///
/// Checks, at the event that breaks them: depth, number of nodes, tags, keys, anchors and aliases.
struct YAMLTreeBuilder {
  var root: YAMLNode?
  private(set) var isDone = false
  var diagnostics: [Diagnostic] = []

  let source: YAMLSource
  let limits: YAMLLimits
  var stack: [Frame] = []
  var anchors: [String: Anchor] = [:]
  var open: [String: Span] = [:]
  var nodes = 0
  private var documents = 0

  init(_ source: YAMLSource, _ limits: YAMLLimits) {
    self.source = source
    self.limits = limits
  }

  /// Faults after which the rest of the text is not looked at.
  static let maximumDiagnostics = 100

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

  /// Gives up: the text has no tree.
  mutating func stop() {
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
        .yaml, "documents", "a file holds one document, found another",
        at: source.span(event.lower, event.upper), help: "put each spec in a file of its own"))
    isDone = true
  }
}
