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

  mutating func expand(
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
}
