import Diagnostics

/// A spec with nothing left to write out: no `let`, `define`, `repeat` or `${…}`.
public struct ElaboratedSpec: Sendable {
  /// The tree.
  public let root: YAMLNode
  /// Names of the blocks, which messages about unknown kinds may suggest.
  public let blocks: [String]
}

/// Applies overrides, replaces constants and writes blocks and repetitions out.
///
/// - Parameters:
///   - root: the tree as parsed.
///   - overrides: from the command line, in order.
///   - kinds: names that a block must not take.
///   - diagnostics: receives the faults. What is faulty is left out of the tree, so that the rest can
///     still be checked.
///
/// Cost: linear in the nodes written out, limited by ``YAMLLimits``.
public func elaborate(
  _ root: YAMLNode, overrides: [SpecOverride] = [], kinds: Set<String>,
  limits: YAMLLimits = YAMLLimits(), _ diagnostics: inout [Diagnostic]
) -> ElaboratedSpec? {
  var root = root
  for change in overrides where !change.namesLayer { change.apply(to: &root, &diagnostics) }
  guard case .mapping(let pairs) = root.content else {
    return ElaboratedSpec(root: root, blocks: [])
  }
  var elaborator = Elaborator(kinds: kinds, limits: limits)
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
    let value = elaborator.substitute(change.value, elaborator.constants, depth: 4)
    var change = LayerOverride(change.replacing(value))
    change.apply(to: &root, &elaborator.diagnostics)
  }
  if !elaborator.isExhausted { elaborator.reportUnused() }
  diagnostics += elaborator.diagnostics
  return elaborator.isExhausted
    ? nil : ElaboratedSpec(root: root, blocks: elaborator.blocks.keys.sorted())
}

/// The walk of ``elaborate(_:overrides:kinds:limits:_:)``.
struct Elaborator {
  static let maximumConstants = 1000
  static let maximumParameters = 64
  /// Faults after which the rest of the spec is not looked at.
  private static let maximumDiagnostics = 100

  let kinds: Set<String>
  let limits: YAMLLimits
  /// The constants of `let`.
  var constants = Scope()
  var blocks: [String: Block] = [:]
  var diagnostics: [Diagnostic] = []
  /// Whether the spec grew beyond the limits; nothing more is written out then.
  private(set) var isExhausted = false
  private var nodes = 0
  private var constantKeys: [(name: String, span: Span)] = []
  private var used: Set<String> = []

  init(kinds: Set<String>, limits: YAMLLimits) {
    self.kinds = kinds
    self.limits = limits
  }

  /// Reads `let`, each value over those before it.
  mutating func readConstants(_ node: YAMLNode?) {
    guard let node, !node.isNull else { return }
    guard let pairs = node.mapping else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'let' must be a mapping, found \(node.typeName)", at: node.span))
      return
    }
    guard pairs.count <= Self.maximumConstants else {
      diagnostics.append(
        .error(
          .spec, "too-large",
          "'let' has at most \(Self.maximumConstants) constants, found \(pairs.count)",
          at: node.span))
      return
    }
    constants.later = Set(pairs.compactMap(\.key.scalar))
    for pair in pairs {
      guard let name = checkedName(pair.key, "constant") else { continue }
      constantKeys.append((name, pair.key.span))
      constants.define(name, substitute(pair.value, constants, depth: 2))
    }
  }

  /// The name in a key of `let`, `define` or `parameters`; nil after a diagnostic.
  mutating func checkedName(_ key: YAMLNode, _ what: String) -> String? {
    if let name = key.scalar, Substitution.isName(name), name != "sqrt" { return name }
    diagnostics.append(
      .error(
        .spec, "name",
        "the name of a \(what) is letters, digits and '_' and starts with no digit, found "
          + key.typeName, at: key.span))
    return nil
  }

  /// Replaces every `${…}` below a node; what is faulty is marked so.
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

  /// Counts nodes against the limits; false, with one diagnostic, once they are passed.
  mutating func spend(_ count: Int, _ depth: Int, _ span: Span) -> Bool {
    guard !isExhausted else { return false }
    nodes += count
    if nodes > limits.nodes {
      isExhausted = true
      diagnostics.append(
        .error(
          .spec, "too-large",
          "a spec has at most \(limits.nodes) values once its blocks are written out", at: span))
    } else if diagnostics.count > Self.maximumDiagnostics {
      isExhausted = true
    } else if depth > limits.depth {
      isExhausted = true
      diagnostics.append(
        .error(
          .spec, "too-deep",
          "lists and mappings nest at most \(limits.depth) deep once written out", at: span))
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

  /// Counts what an unused block mentions as used, so that one warning stays one.
  private mutating func markNames(in node: YAMLNode) {
    switch node.content {
    case .scalar(let text, _):
      for (name, _) in constantKeys where text.contains(name) { used.insert(name) }
    case .sequence(let nodes): for node in nodes { markNames(in: node) }
    case .mapping(let pairs): for pair in pairs { markNames(in: pair.value) }
    }
  }
}

extension YAMLNode {
  /// The node, marked as reported.
  var faulty: YAMLNode {
    var node = self
    node.isFaulty = true
    return node
  }
}
