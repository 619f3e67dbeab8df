import Diagnostics

/// A reusable list of layers, `define: {block: {parameters: {width: 16}, layers: […]}}`.
struct Block {
  /// A parameter; without a default it must be given.
  struct Parameter {
    let name: String
    let fallback: YAMLNode?
  }

  let name: String
  /// Where the name is defined.
  let key: Span
  let parameters: [Parameter]
  /// The list of layers.
  let body: YAMLNode
  var isUsed = false
}

extension Elaborator {
  /// Reads `define`.
  mutating func readBlocks(_ node: YAMLNode?) {
    guard let node, !node.isNull else { return }
    guard let pairs = node.mapping else {
      return fault("wrong-type", "'define' must be a mapping, found \(node.typeName)", node.span)
    }
    for pair in pairs {
      guard let name = checkedName(pair.key, "block") else { continue }
      if kinds.contains(name) {
        fault(
          "name", "a block may not take the name of a kind of layer, found '\(name)'", pair.key.span
        )
      } else if let block = readBlock(name, pair) {
        blocks[name] = block
      }
    }
  }

  private mutating func readBlock(_ name: String, _ pair: YAMLNode.Pair) -> Block? {
    guard let entries = pair.value.mapping, let body = pair.value["layers"] else {
      fault(
        "missing-key", "block '\(name)' needs the key 'layers', a list of layers", pair.key.span,
        help: "write '\(name): {parameters: {…}, layers: […]}'")
      return nil
    }
    for entry in entries where entry.key.scalar != "layers" && entry.key.scalar != "parameters" {
      fault(
        "unknown-key", "a block has no key \(entry.key.typeName)", entry.key.span,
        help: Suggestion.help(
          for: entry.key.scalar ?? "", in: ["layers", "parameters"], kind: "its keys"))
    }
    var parameters: [Block.Parameter] = []
    if let node = pair.value["parameters"], !node.isNull {
      guard let entries = node.mapping else {
        fault("wrong-type", "'parameters' must be a mapping, found \(node.typeName)", node.span)
        return nil
      }
      guard entries.count <= Self.maximumParameters else {
        fault(
          "too-large",
          "a block has at most \(Self.maximumParameters) parameters, found \(entries.count)",
          node.span)
        return nil
      }
      for entry in entries {
        guard let parameter = checkedName(entry.key, "parameter") else { continue }
        let isRequired = entry.value.isNull
        let fallback = isRequired ? nil : substitute(entry.value, constants, depth: 4)
        parameters.append(.init(name: parameter, fallback: fallback))
      }
    }
    return Block(name: name, key: pair.key.span, parameters: parameters, body: body)
  }

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

  private mutating func layers(_ node: YAMLNode, _ frame: Frame, depth: Int) -> YAMLNode? {
    guard let items = node.sequence else { return substitute(node, frame.scope, depth: depth) }
    var result: [YAMLNode] = []
    for item in items {
      guard spend(1, depth, item.span) else { return nil }
      append(item, frame, depth, to: &result)
    }
    return YAMLNode(.sequence(result), span: node.span)
  }

  private mutating func append(
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

  // MARK: Blocks

  private mutating func expand(
    _ block: Block, kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame, _ depth: Int,
    to result: inout [YAMLNode]
  ) {
    blocks[block.name]?.isUsed = true
    guard !frame.active.contains(block.name) else {
      let way = (frame.active.drop { $0 != block.name } + [block.name]).joined(separator: " → ")
      diagnostics.append(
        .error(
          .spec, "recursive-block", "a block may not contain itself, found \(way)", at: kind.span,
          notes: [.init("'\(block.name)' is defined here", at: block.key)]))
      return
    }
    guard let scope = bind(block, kind: kind, value, frame) else { return }
    var inner = frame
    inner.scope = scope
    inner.active.append(block.name)
    guard let list = layers(block.body, inner, depth: depth + 1) else { return }
    result += list.sequence ?? [list]
  }

  /// The names inside a block: `let` and its parameters.
  private mutating func bind(
    _ block: Block, kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame
  ) -> Scope? {
    guard let arguments = arguments(block, value) else { return nil }
    var scope = constants
    var isComplete = true
    for argument in arguments.prefix(Elaborator.maximumParameters) {
      let name = argument.key.scalar ?? ""
      guard block.parameters.contains(where: { $0.name == name }) else {
        fault(
          "unknown-key", "block '\(block.name)' has no parameter \(name.quoted)", argument.key.span,
          help: Suggestion.help(
            for: name, in: block.parameters.map(\.name), kind: "its parameters"))
        continue
      }
      scope.define(name, substitute(argument.value, frame.scope, depth: 4))
    }
    for parameter in block.parameters {
      if arguments.contains(where: { $0.key.scalar == parameter.name }) { continue }
      if let fallback = parameter.fallback {
        scope.define(parameter.name, fallback)
      } else {
        isComplete = false
        fault(
          "missing-key", "block '\(block.name)' needs its parameter '\(parameter.name)'", kind.span)
      }
    }
    return isComplete ? scope : nil
  }

  private mutating func arguments(_ block: Block, _ value: YAMLNode?) -> [YAMLNode.Pair]? {
    guard let value, !value.isNull else { return [] }
    if let pairs = value.mapping { return pairs }
    guard let first = block.parameters.first else {
      fault("wrong-type", "block '\(block.name)' takes no parameters", value.span)
      return nil
    }
    return [
      .init(key: YAMLNode(.scalar(first.name, isPlain: true), span: value.span), value: value)
    ]
  }

  // MARK: Repetition

  private mutating func repeatLayers(
    _ kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame, _ depth: Int,
    to result: inout [YAMLNode]
  ) {
    let keys = ["times", "index", "layers"]
    guard let value, let pairs = value.mapping else {
      return fault(
        "wrong-type", "'repeat' takes a mapping of keys", kind.span,
        help: "write 'repeat: {times: 3, layers: […]}'")
    }
    for pair in pairs where !keys.contains(pair.key.scalar ?? "") {
      fault(
        "unknown-key", "'repeat' has no key \(pair.key.typeName)", pair.key.span,
        help: Suggestion.help(for: pair.key.scalar ?? "", in: keys, kind: "its keys"))
    }
    guard let body = value["layers"], let times = value["times"] else {
      let missing = value["layers"] == nil ? "layers" : "times"
      return fault("missing-key", "'repeat' needs the key '\(missing)'", kind.span)
    }
    guard let count = repetitions(times, frame) else { return }
    let index = value["index"].flatMap { checkedName($0, "index") }
    for round in 0..<count {
      var inner = frame
      if let index {
        inner.scope.define(
          index, YAMLNode(.scalar(String(round + 1), isPlain: true), span: kind.span))
      }
      guard spend(1, depth, kind.span), let list = layers(body, inner, depth: depth + 1) else {
        return
      }
      result += list.sequence ?? [list]
    }
  }

  private mutating func repetitions(_ node: YAMLNode, _ frame: Frame) -> Int? {
    let node = substitute(node, frame.scope, depth: 4)
    guard !node.isFaulty, let number = node.number(for: "times", &diagnostics) else { return nil }
    if let count = number.integer, (0...limits.nodes).contains(count) { return count }
    fault(
      "out-of-range",
      "'times' must be an integer from 0 to \(limits.nodes), found \(number.text.quoted)", node.span
    )
    return nil
  }

  private mutating func fault(
    _ rule: String, _ message: String, _ span: Span, help: String? = nil
  ) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }
}
