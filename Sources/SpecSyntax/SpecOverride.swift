import Diagnostics

/// A change of the spec from the command line, `--set train.epochs=3`.
public struct SpecOverride: Sendable {
  /// One component of the path.
  fileprivate struct Step: Sendable {
    let name: String
    let span: Span
  }

  /// The components of the path, outermost first; never empty.
  fileprivate let path: [Step]
  /// The new value.
  var value: YAMLNode

  /// Reads `path.to.key=value`; nil after a `usage.set` diagnostic.
  ///
  /// The value is YAML, so `[0.1, 0.3]` and `{adam: {learning_rate: 1e-3}}` work.
  public init?(_ argument: String, _ diagnostics: inout [Diagnostic]) {
    let file = SourceFile(path: "--set", text: argument)
    let all = Span(file, 0, file.bytes.count)
    guard let equals = file.bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      diagnostics.append(
        .error(
          .usage, "set", "an override must be 'path.to.key=value', found \(argument.quoted)",
          at: all))
      return nil
    }
    var steps: [Step] = []
    for part in file.bytes[..<equals].split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    {
      let span = Span(file, part.startIndex, part.endIndex)
      guard !part.isEmpty else {
        diagnostics.append(.error(.usage, "set", "the path has an empty component", at: span))
        return nil
      }
      steps.append(Step(name: String(decoding: part, as: UTF8.self), span: span))
    }
    let range = (equals + 1)..<file.bytes.count
    guard let value = Self.parse(file, range, &diagnostics) else { return nil }
    path = steps
    self.value = value
  }

  private static func parse(
    _ file: SourceFile, _ range: Range<Int>, _ diagnostics: inout [Diagnostic]
  ) -> YAMLNode? {
    if file.bytes[range].allSatisfy({ $0 == 0x20 }) {
      return YAMLNode(
        .scalar("", isPlain: true), span: Span(file, range.lowerBound, range.upperBound))
    }
    let before = diagnostics.count
    let value = parseYAML(file, range, &diagnostics)
    return diagnostics[before...].contains { $0.severity == .error } ? nil : value
  }

  /// Whether the path names a layer, which exists only once blocks are expanded.
  var namesLayer: Bool {
    path.count > 2 && path[0].name == "network" && path[1].name == "layers"
      && Int(path[2].name) == nil
  }

  /// Puts the value into the tree as written, adding keys that are missing.
  func apply(to root: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    set(&root, path[...], &diagnostics)
  }

  /// Sets a key of the layer that the path names, once blocks are expanded.
  func applyToLayer(of root: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    var change = LayerOverride(self)
    change.apply(to: &root, &diagnostics)
  }

  /// Puts the value under the rest of a path.
  fileprivate func set(
    _ node: inout YAMLNode, _ rest: ArraySlice<Step>, _ diagnostics: inout [Diagnostic]
  ) {
    guard let step = rest.first else {
      node = value
      return
    }
    switch node.content {
    case .mapping(var pairs):
      setKey(step, &pairs, rest.dropFirst(), &diagnostics)
      node.content = .mapping(pairs)
    case .sequence(var nodes):
      setElement(step, &nodes, rest.dropFirst(), &diagnostics)
      node.content = .sequence(nodes)
    case .scalar:
      guard node.isNull else {
        return fault(
          step, "cannot set '\(step.name)': expected a mapping, found \(node.typeName)",
          &diagnostics)
      }
      node = YAMLNode(.mapping([]), span: step.span)
      set(&node, rest, &diagnostics)
    }
  }

  private func setKey(
    _ step: Step, _ pairs: inout [YAMLNode.Pair], _ rest: ArraySlice<Step>,
    _ diagnostics: inout [Diagnostic]
  ) {
    let key = YAMLNode(.scalar(step.name, isPlain: true), span: step.span)
    if let index = pairs.firstIndex(where: { $0.key.scalar == step.name }) {
      set(&pairs[index].value, rest, &diagnostics)
      return
    }
    var created = YAMLNode(.scalar("", isPlain: true), span: step.span)
    set(&created, rest, &diagnostics)
    pairs.append(.init(key: key, value: created))
  }

  private func setElement(
    _ step: Step, _ nodes: inout [YAMLNode], _ rest: ArraySlice<Step>,
    _ diagnostics: inout [Diagnostic]
  ) {
    guard let index = Int(step.name), nodes.indices.contains(index) else {
      let message =
        nodes.isEmpty
        ? "the list is empty, it has no element \(step.name.quoted)"
        : "expected a list index from 0 to \(nodes.count - 1), found \(step.name.quoted)"
      return fault(step, message, &diagnostics)
    }
    if !rest.isEmpty, rest.startIndex == 3, path[0].name == "network", path[1].name == "layers" {
      nodes[index] = setLayer(nodes[index], rest, &diagnostics)
    } else {
      set(&nodes[index], rest, &diagnostics)
    }
  }

  /// A layer with one of its keys changed; the kind itself may be left out of the path.
  private func setLayer(
    _ node: YAMLNode, _ rest: ArraySlice<Step>, _ diagnostics: inout [Diagnostic]
  ) -> YAMLNode {
    guard let (kind, value) = node.entry, let word = kind.scalar else { return node }
    var body = value ?? YAMLNode(.scalar("", isPlain: true), span: kind.span)
    let rest = rest.first?.name == word ? rest.dropFirst() : rest
    set(&body, rest, &diagnostics)
    return YAMLNode(.mapping([.init(key: kind, value: body)]), span: node.span)
  }

  private func fault(_ step: Step, _ message: String, _ diagnostics: inout [Diagnostic]) {
    diagnostics.append(.error(.usage, "set", message, at: step.span))
  }
}

/// Finds a layer by its name in the expanded tree and overrides a key of it.
///
/// Names follow the rule of the language: `name:`, or the kind and its ordinal among that kind in
/// the order written, where `residual` ends in an `add` and `parallel` in its merge.
private struct LayerOverride {
  private let change: SpecOverride
  private var ordinals: [String: Int] = [:]
  private var names: [String] = []
  private var isDone = false

  init(_ change: SpecOverride) { self.change = change }

  /// Applies the change, or reports that no layer has the name.
  mutating func apply(to root: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    root.edit("network") { network in
      network.edit("layers") { editList(&$0, &diagnostics) }
    }
    guard !isDone else { return }
    let step = change.path[2]
    diagnostics.append(
      .error(
        .usage, "set", "no layer is named \(step.name.quoted)", at: step.span,
        help: Suggestion.help(for: step.name, in: names, kind: "layers")))
  }

  private mutating func editList(_ list: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    guard case .sequence(var nodes) = list.content else { return }
    for index in nodes.indices where !isDone { editLayer(&nodes[index], &diagnostics) }
    list.content = .sequence(nodes)
  }

  private mutating func editLayer(_ node: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    guard let (kind, value) = node.entry, let word = kind.scalar else { return }
    var body = value ?? YAMLNode(.scalar("", isPlain: true), span: kind.span)
    if word == "residual" || word == "parallel" {
      editChildren(&body, &diagnostics)
      if isDone {
        node.content = .mapping([.init(key: kind, value: body)])
        return
      }
    }
    let counted =
      word == "residual" ? "add" : word == "parallel" ? body["merge"]?.scalar ?? "concat" : word
    ordinals[counted, default: 0] += 1
    let name = body["name"]?.scalar ?? "\(counted)_\(ordinals[counted] ?? 0)"
    names.append(name)
    guard name == change.path[2].name else { return }
    isDone = true
    if body.mapping == nil, !body.isNull {
      diagnostics.append(
        .error(
          .usage, "set", "layer '\(name)' is written in short form and has no keys to set",
          at: change.path[2].span, help: "write its keys out in the spec, '\(word): {key: value}'"))
      return
    }
    change.set(&body, change.path.dropFirst(3), &diagnostics)
    node.content = .mapping([.init(key: kind, value: body)])
  }

  private mutating func editChildren(_ body: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    if let items = body.sequence {
      editShort(&body, items, &diagnostics)
      return
    }
    for key in ["branch", "shortcut"] { body.edit(key) { editList(&$0, &diagnostics) } }
    body.edit("branches") { branches in
      guard case .sequence(var lists) = branches.content else { return }
      for index in lists.indices { editList(&lists[index], &diagnostics) }
      branches.content = .sequence(lists)
    }
  }

  private mutating func editShort(
    _ body: inout YAMLNode, _ items: [YAMLNode], _ diagnostics: inout [Diagnostic]
  ) {
    guard items.allSatisfy({ $0.sequence != nil }) else { return editList(&body, &diagnostics) }
    var lists = items
    for index in lists.indices { editList(&lists[index], &diagnostics) }
    body.content = .sequence(lists)
  }
}
