import Diagnostics

/// Finds a layer by its name in the written-out tree and overrides a key of it.
///
/// Names follow the rule of the language: `name:`, or the kind and its ordinal among that kind in
/// the order written, where `residual` ends in an `add` and `parallel` in its merge.
struct LayerOverride {
  let change: SpecOverride
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
}

extension LayerOverride {
  private mutating func editShort(
    _ body: inout YAMLNode, _ items: [YAMLNode], _ diagnostics: inout [Diagnostic]
  ) {
    guard items.allSatisfy({ $0.sequence != nil }) else { return editList(&body, &diagnostics) }
    var lists = items
    for index in lists.indices { editList(&lists[index], &diagnostics) }
    body.content = .sequence(lists)
  }
}

extension YAMLNode {
  /// Changes the value under a key, if it is there.
  mutating func edit(_ key: String, _ change: (inout YAMLNode) -> Void) {
    guard case .mapping(var pairs) = content,
      let index = pairs.firstIndex(where: { $0.key.scalar == key })
    else { return }
    change(&pairs[index].value)
    content = .mapping(pairs)
  }
}
