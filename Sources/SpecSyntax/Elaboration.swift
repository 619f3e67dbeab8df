import Diagnostics

/// A spec with everything expanded: no `let`, `define`, `repeat` or `${…}`.
public struct ElaboratedSpec: Sendable {
  /// The tree.
  public let root: YAMLNode
  /// Names of the blocks, which messages about unknown kinds may suggest.
  public let blocks: [String]

  /// The same with another section `network`, which it must have.
  public func replacing(network: YAMLNode) -> ElaboratedSpec {
    var root = root
    root.edit("network") { $0 = network }
    return ElaboratedSpec(root: root, blocks: blocks)
  }
}

/// Applies overrides, replaces constants and expands blocks and repetitions.
///
/// - Parameters:
///   - root: the tree as parsed.
///   - overrides: from the command line, in order.
///   - kinds: names that a block must not take.
///   - diagnostics: receives the faults. Faulty parts are left out of the tree, so that the rest can
///     still be checked.
///
/// Cost: linear in the expanded nodes, limited by ``YAMLLimits``.
public func elaborate(
  _ root: YAMLNode, overrides: [SpecOverride] = [], kinds: Set<String>,
  _ diagnostics: inout [Diagnostic]
) -> ElaboratedSpec? {
  var root = root
  for change in overrides where !change.namesLayer { change.apply(to: &root, &diagnostics) }
  guard case .mapping(let pairs) = root.content else {
    return ElaboratedSpec(root: root, blocks: [])
  }
  var elaborator = Elaborator(kinds: kinds)
  elaborator.readConstants(root["let"])
  elaborator.constants.seal()
  elaborator.readBlocks(root["define"])
  var result: [YAMLNode.Pair] = []
  for pair in pairs where pair.key.scalar != "let" && pair.key.scalar != "define" {
    if pair.key.scalar == "network" {
      result.append(.init(key: pair.key, value: elaborator.network(pair.value)))
    } else {
      let value = elaborator.substitute(pair.value, elaborator.constants, depth: 1)
      result.append(.init(key: pair.key, value: value))
    }
  }
  root.content = .mapping(result)
  for change in overrides where change.namesLayer {
    var change = change
    change.value = elaborator.substitute(change.value, elaborator.constants, depth: 4)
    change.applyToLayer(of: &root, &elaborator.diagnostics)
  }
  if !elaborator.isExhausted { elaborator.reportUnused() }
  diagnostics += elaborator.diagnostics
  return elaborator.isExhausted
    ? nil : ElaboratedSpec(root: root, blocks: elaborator.blocks.keys.sorted())
}

/// The walk of ``elaborate(_:overrides:kinds:_:)``.
private struct Elaborator {
  /// Context of a list of layers: what names mean, and the blocks that are being expanded.
  private struct Frame {
    var scope: Scope
    var active: [String] = []
    init(_ scope: Scope) { self.scope = scope }
  }

  private static let maximumConstants = 1000
  /// Faults after which the rest of the spec is skipped.
  private static let maximumDiagnostics = 100

  private let limits = YAMLLimits()
  /// Names that a block must not take.
  let kinds: Set<String>
  /// The constants of `let`.
  var constants = Scope()
  var blocks: [String: Block] = [:]
  var diagnostics: [Diagnostic] = []
  /// Whether the spec exceeds the limits; nothing more is expanded then.
  private(set) var isExhausted = false
  private var nodes = 0
  private var constantKeys: [(name: String, span: Span)] = []
  private var used: Set<String> = []

  init(kinds: Set<String>) { self.kinds = kinds }

  /// Reads `let`; a value may use the constants before it.
  mutating func readConstants(_ node: YAMLNode?) {
    guard let node, !node.isNull else { return }
    guard let pairs = node.mapping else {
      return fault("wrong-type", "'let' must be a mapping, found \(node.typeName)", node.span)
    }
    guard pairs.count <= Self.maximumConstants else {
      return fault(
        "too-large", "'let' has at most \(Self.maximumConstants) constants, found \(pairs.count)",
        node.span)
    }
    constants.later = Set(pairs.compactMap(\.key.scalar))
    for pair in pairs {
      guard let name = pair.key.identifier(of: "constant", &diagnostics) else { continue }
      constantKeys.append((name, pair.key.span))
      constants.define(name, substitute(pair.value, constants, depth: 2))
    }
  }

  /// Reads `define`.
  mutating func readBlocks(_ node: YAMLNode?) {
    guard let node, !node.isNull else { return }
    guard let pairs = node.mapping else {
      return fault("wrong-type", "'define' must be a mapping, found \(node.typeName)", node.span)
    }
    for pair in pairs {
      guard let name = pair.key.identifier(of: "block", &diagnostics) else { continue }
      guard !kinds.contains(name) else {
        fault(
          "name", "a block cannot have the name of a layer kind, found '\(name)'", pair.key.span)
        continue
      }
      guard var block = Block(name, pair, &diagnostics) else { continue }
      for index in block.parameters.indices {
        guard let fallback = block.parameters[index].fallback else { continue }
        block.parameters[index].fallback = substitute(fallback, constants, depth: 4)
      }
      blocks[name] = block
    }
  }

  /// Replaces every `${…}` below a node; faulty nodes are marked.
  mutating func substitute(_ node: YAMLNode, _ scope: Scope, depth: Int) -> YAMLNode {
    guard spend(1, depth, node.span) else { return node.faulty }
    switch node.content {
    case .scalar(let text, _):
      return text.utf8.contains(UInt8(ascii: "$")) ? substitute(node, text, scope, depth) : node
    case .sequence(let elements):
      let result = elements.map { substitute($0, scope, depth: depth + 1) }
      return YAMLNode(.sequence(result), span: node.span)
    case .mapping(let pairs):
      let result = pairs.map { pair in
        YAMLNode.Pair(key: pair.key, value: substitute(pair.value, scope, depth: depth + 1))
      }
      return YAMLNode(.mapping(result), span: node.span)
    }
  }

  private mutating func substitute(
    _ node: YAMLNode, _ text: String, _ scope: Scope, _ depth: Int
  ) -> YAMLNode {
    var substitution = Substitution(node, text, scope)
    let result = substitution.run()
    diagnostics += substitution.diagnostics
    used.formUnion(substitution.used)
    guard let result else { return node.faulty }
    if let constant = result.constant {
      guard spend(constant.count, depth + constant.height, node.span) else { return node.faulty }
    }
    return result.node
  }

  /// Counts nodes against the limits; false, with one diagnostic, once they are exceeded.
  mutating func spend(_ count: Int, _ depth: Int, _ span: Span) -> Bool {
    guard !isExhausted else { return false }
    nodes += count
    if nodes > limits.nodes {
      isExhausted = true
      fault(
        "too-large", "a spec has at most \(limits.nodes) values once its blocks are expanded",
        span)
    } else if diagnostics.count > Self.maximumDiagnostics {
      isExhausted = true
    } else if depth > limits.depth {
      isExhausted = true
      fault(
        "too-deep",
        "lists and mappings nest at most \(limits.depth) levels deep once blocks are expanded",
        span)
    }
    return !isExhausted
  }

  /// Warns of constants and blocks that nothing uses.
  mutating func reportUnused() {
    for block in blocks.values where !block.isUsed { markNames(in: block.body) }
    for (name, span) in constantKeys where !used.contains(name) {
      diagnostics.append(
        .warning(.spec, "unused-constant", "constant '\(name)' is never used", at: span))
    }
    for block in blocks.values.sorted(by: { $0.key.lower < $1.key.lower }) where !block.isUsed {
      diagnostics.append(
        .warning(.spec, "unused-block", "block '\(block.name)' is never used", at: block.key))
    }
  }

  /// Marks the constants that an unused block mentions as used: one warning is enough.
  private mutating func markNames(in node: YAMLNode) {
    switch node.content {
    case .scalar(let text, _):
      for (name, _) in constantKeys where text.contains(name) { used.insert(name) }
    case .sequence(let nodes): for node in nodes { markNames(in: node) }
    case .mapping(let pairs): for pair in pairs { markNames(in: pair.value) }
    }
  }

  // MARK: Layers

  /// Expands a network's layers.
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
      // A layer that a constant names; the constant may stand for a block.
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

  private mutating func expand(
    _ block: Block, kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame, _ depth: Int,
    to result: inout [YAMLNode]
  ) {
    blocks[block.name]?.isUsed = true
    guard !frame.active.contains(block.name) else {
      let cycle = (frame.active.drop { $0 != block.name } + [block.name]).joined(separator: " → ")
      diagnostics.append(
        .error(
          .spec, "recursive-block", "a block cannot contain itself, found \(cycle)", at: kind.span,
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
    guard let arguments = block.arguments(value, &diagnostics) else { return nil }
    var scope = constants
    var isComplete = true
    for argument in arguments.prefix(Block.maximumParameters) {
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
          "missing-key", "block '\(block.name)' needs the parameter '\(parameter.name)'", kind.span)
      }
    }
    return isComplete ? scope : nil
  }

  private mutating func repeatLayers(
    _ kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame, _ depth: Int,
    to result: inout [YAMLNode]
  ) {
    let keys = ["times", "index", "layers"]
    guard let value, let pairs = value.mapping else {
      return fault(
        "wrong-type", "'repeat' must be a mapping, found \(value?.typeName ?? "nothing")",
        kind.span,
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
    let index = value["index"]?.identifier(of: "index", &diagnostics)
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
      "'times' must be an integer from 0 to \(limits.nodes), found \(number.text.quoted)",
      node.span
    )
    return nil
  }

  private mutating func fault(
    _ rule: String, _ message: String, _ span: Span, help: String? = nil
  ) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }
}
