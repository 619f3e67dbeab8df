import Diagnostics

extension YAMLTreeBuilder {
  /// A node that aliases may repeat.
  struct Anchor {
    let node: YAMLNode
    let size: Size
    let place: Span
    var isUsed = false
  }

  mutating func register(_ event: YAMLEvent, _ node: YAMLNode, _ size: Size) {
    guard let name = event.anchor else { return }
    if let shadowed = anchors[name] { reportUnused(name, shadowed) }
    let place = source.span(event.lower, event.lower + 1 + name.utf8.count)
    anchors[name] = Anchor(node: node, size: size, place: place)
  }

  mutating func resolve(_ name: String, _ event: YAMLEvent) {
    let span = source.span(event.lower, event.upper)
    if let anchor = anchors[name], open[name] == nil {
      anchors[name]?.isUsed = true
      checkDepth(stack.count + anchor.size.height, span)
      add(anchor.node, anchor.size, new: anchor.size.nodes)
      return
    }
    if open[name] != nil {
      anchors[name]?.isUsed = true
      diagnostics.append(
        .error(
          .yaml, "alias", "'*\(name.excerpt(atMost: 48))' stands inside its own anchor", at: span)
      )
    } else {
      let near = Suggestion.nearest(to: name, in: anchors.keys.sorted())
      diagnostics.append(
        .error(
          .yaml, "alias", "no anchor \(name.quoted) comes before this alias", at: span,
          help: near.map { "did you mean '*\($0)'?" }))
    }
    stop()
  }

  mutating func checkDepth(_ depth: Int, _ span: Span) {
    guard depth > limits.depth else { return }
    diagnostics.append(
      .error(
        .yaml, "too-deep", "lists and mappings nest at most \(limits.depth) deep",
        at: source.span(span.lower, min(span.lower + 1, source.range.upperBound))))
    stop()
  }

  mutating func reportTooManyNodes(_ span: Span) {
    diagnostics.append(
      .error(
        .yaml, "too-many-nodes",
        "a spec has at most \(limits.nodes) values once its aliases are written out", at: span))
    stop()
  }

  mutating func reportTag(_ event: YAMLEvent) {
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

  mutating func reportUnusedAnchors() {
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
