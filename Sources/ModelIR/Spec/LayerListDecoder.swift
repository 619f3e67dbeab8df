import Diagnostics
import SpecSyntax

/// Flattens the layers of a network: structures become merges, names become positions.
struct LayerListDecoder {
  typealias Reference = LayerSpec.Reference

  /// Kinds that hold lists of layers, and the one that is written out before.
  static let structures: Set<String> = ["residual", "parallel", "repeat"]
  /// The name of the network's input in `from`.
  static let inputName = "input"
  private static let maximumLayers = 20_000
  /// Faults after which the rest is not looked at.
  private static let maximumDiagnostics = 100

  let registry: Registry
  let blocks: [String]
  private(set) var layers: [LayerSpec] = []
  var diagnostics: [Diagnostic] = []
  private var positions: [String: Int] = [:]
  private var ordinals: [String: Int] = [:]
  private var used: Set<Int> = []

  init(registry: Registry, blocks: [String]) {
    self.registry = registry
    self.blocks = blocks
  }

  /// Decodes the whole list.
  mutating func decode(_ node: YAMLNode) {
    let output = list(node, key: "layers", from: .input)
    guard !diagnostics.hasErrors else { return }
    if layers.isEmpty {
      report("empty", "a network needs at least one layer", node.span)
    }
    if case .node(let index) = output { used.insert(index) }
    for index in layers.indices where !used.contains(index) {
      diagnostics.append(
        .warning(
          .spec, "unused-layer", "nothing uses the output of \(layers[index].title)",
          at: layers[index].span))
    }
  }

  /// Decodes a list of layers fed by `input`; what its last layer gives.
  mutating func list(_ node: YAMLNode, key: String, from input: Reference) -> Reference {
    guard !node.isFaulty, !(node.isNull && key == "shortcut") else { return input }
    guard let nodes = node.sequence else {
      report("wrong-type", "'\(key)' must be a list of layers, found \(node.typeName)", node.span)
      return input
    }
    var current = input
    for node in nodes {
      guard layers.count < Self.maximumLayers else {
        report("too-large", "a network has at most \(Self.maximumLayers) layers", node.span)
        return current
      }
      guard diagnostics.count < Self.maximumDiagnostics else { return current }
      current = layer(node, from: current)
    }
    return current
  }

  private mutating func layer(_ node: YAMLNode, from input: Reference) -> Reference {
    guard !node.isFaulty else { return append(faulty: node.span, input) }
    guard let (kind, value) = node.entry, let name = kind.scalar else {
      report(
        "wrong-type", "a layer is 'kind' or 'kind: {keys}', found \(Self.describe(node))",
        node.span,
        help: Self.indentationHelp(node))
      return append(faulty: node.span, input)
    }
    if value?.isFaulty == true { return append(faulty: kind.span, input) }
    switch name {
    case "residual": return residual(kind, value, from: input)
    case "parallel": return parallel(kind, value, from: input)
    default: return leaf(name, kind, value, from: input)
    }
  }

  private mutating func leaf(
    _ kind: String, _ node: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    guard let type = registry.layers[kind] else {
      reportUnknown(kind, node.span)
      return append(faulty: node.span, input, named: value?["name"]?.scalar)
    }
    var reader = ConfigReader(kind: kind, span: node.span, value: value, mainKey: type.mainKey)
    let name = reader.node("name")
    let inputs = operands(&reader) ?? [input]
    let layer = type.init(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    let isSound = !reader.diagnostics.hasErrors
    return append(
      kind, isSound ? layer : nil, name: name, inputs, reader.resolved, node.span)
  }
}

// MARK: - Structures

extension LayerListDecoder {
  private mutating func residual(
    _ kind: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    var reader = ConfigReader(
      kind: "residual", span: kind.span, value: value, mainKey: "branch")
    let name = reader.node("name")
    let input = structureInput(&reader) ?? input
    let branch = reader.node("branch")
    let shortcut = reader.node("shortcut")
    let share = reader.readIfPresent(ResidualShare.key)
    if branch == nil, reader.diagnostics.isEmpty {
      reader.report(
        .error(
          .spec, "missing-key", "'residual' needs the key 'branch', a list of layers", at: kind.span
        ))
    }
    reader.finish()
    diagnostics += reader.diagnostics
    let first = branch.map { list($0, key: "branch", from: input) } ?? input
    let second = shortcut.map { list($0, key: "shortcut", from: input) } ?? input
    let terms: [Reference]
    switch share {
    case nil:
      terms = [first, second]
    case .fixed(let share):
      terms = zip([first, second], [share, 1 - share]).map { term, factor in
        written("scale", factor.specText, nil, [term], kind.span)
      }
    case .learnt:
      let group = "convex_\(layers.count)"
      terms = [first, second].map { written("gate", group, nil, [$0], kind.span) }
    }
    return merge("add", name, terms, kind.span)
  }

  private mutating func parallel(
    _ kind: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    var reader = ConfigReader(
      kind: "parallel", span: kind.span, value: value, mainKey: "branches")
    let name = reader.node("name")
    let input = structureInput(&reader) ?? input
    let branches = reader.node("branches")
    let merge = reader.read(ParallelMerge.key)
    if branches == nil, reader.diagnostics.isEmpty {
      reader.report(
        .error(
          .spec, "missing-key", "'parallel' needs the key 'branches', a list of lists of layers",
          at: kind.span))
    }
    reader.finish()
    diagnostics += reader.diagnostics
    let lists = branches.flatMap { branchLists($0) } ?? []
    let ends = lists.map { list($0, key: "branches", from: input) }
    guard let merge, ends.count > 1 else { return append(faulty: kind.span, input) }
    return self.merge(merge.rawValue, name, ends, kind.span)
  }

  private mutating func branchLists(_ node: YAMLNode) -> [YAMLNode]? {
    guard !node.isFaulty else { return nil }
    guard let lists = node.sequence, lists.count > 1 else {
      report(
        "wrong-type",
        "'branches' must be a list of at least 2 lists of layers, found "
          + Self.describe(node), node.span)
      return nil
    }
    return lists
  }

  private mutating func merge(
    _ kind: String, _ name: YAMLNode?, _ inputs: [Reference], _ span: Span
  ) -> Reference { written(kind, nil, name, inputs, span) }

  /// Appends a layer that a structure stands for, with the main key's value.
  private mutating func written(
    _ kind: String, _ value: String?, _ name: YAMLNode?, _ inputs: [Reference], _ span: Span
  ) -> Reference {
    guard let type = registry.layers[kind] else {
      reportUnknown(kind, span)
      return append(faulty: span, inputs[0])
    }
    let value = value.map { YAMLNode(.scalar($0, isPlain: true), span: span) }
    var reader = ConfigReader(kind: kind, span: span, value: value, mainKey: type.mainKey)
    let layer = type.init(from: &reader)
    diagnostics += reader.diagnostics
    return append(kind, layer, name: name, inputs, reader.resolved, span)
  }

  /// `from` of a structure: one name.
  private mutating func structureInput(_ reader: inout ConfigReader) -> Reference? {
    guard let inputs = operands(&reader) else { return nil }
    if inputs.count == 1 { return inputs[0] }
    reader.report(
      .error(
        .spec, "wrong-length", "'\(reader.kind)' takes one input, found \(inputs.count)",
        at: reader.node("from")?.span ?? reader.span))
    return inputs.first
  }
}

// MARK: - Names

extension LayerListDecoder {
  /// The operands that `from` names; nil where it is left out.
  private mutating func operands(_ reader: inout ConfigReader) -> [Reference]? {
    guard let node = reader.node("from"), !node.isFaulty else { return nil }
    let names = node.sequence ?? [node]
    if names.isEmpty || names.count > 1000 {
      reader.report(
        .error(
          .spec, "wrong-length", "'from' must name between 1 and 1000 layers, found \(names.count)",
          at: node.span))
    }
    let inputs = names.prefix(1000).compactMap { operand($0, &reader) }
    return inputs.isEmpty ? nil : inputs
  }

  private func operand(_ node: YAMLNode, _ reader: inout ConfigReader) -> Reference? {
    guard !node.isFaulty else { return nil }
    let name = node.scalar ?? ""
    if name == Self.inputName { return .input }
    if let position = positions[name] { return .node(position) }
    let known = positions.keys.sorted() + [Self.inputName]
    reader.report(
      .error(
        .spec, "unknown-layer", "no layer before this one is named \(node.typeName)", at: node.span,
        help: Suggestion.nearest(to: name, in: known).map { "did you mean '\($0)'?" }))
    return nil
  }

  private mutating func append(
    _ kind: String, _ layer: (any Layer)?, name node: YAMLNode?, _ inputs: [Reference],
    _ configuration: [(key: String, text: String)], _ span: Span
  ) -> Reference {
    ordinals[kind, default: 0] += 1
    let fallback = "\(kind)_\(ordinals[kind] ?? 0)"
    let given = node.flatMap { givenName($0) }
    let name = given ?? fallback
    let position = layers.count
    if let first = positions[name] {
      reportDuplicate(name, given == nil ? span : node?.span ?? span, of: layers[first])
    }
    positions[name] = position
    for case .node(let index) in inputs { used.insert(index) }
    layers.append(
      LayerSpec(
        name: name, nameSpan: given == nil ? nil : node?.span, kind: kind, layer: layer,
        inputs: inputs, configuration: configuration, span: span))
    return .node(position)
  }

  /// Stands in for a layer that is reported already, so that what follows stays silent.
  private mutating func append(
    faulty span: Span, _ input: Reference, named name: String? = nil
  ) -> Reference {
    let position = layers.count
    if let name { positions[name] = position }
    layers.append(
      LayerSpec(name: name ?? "?\(position)", kind: "?", layer: nil, inputs: [input], span: span))
    return .node(position)
  }

  private mutating func givenName(_ node: YAMLNode) -> String? {
    guard !node.isFaulty else { return nil }
    guard let name = node.scalar, SpecName.isValid(name), name != Self.inputName else {
      let isInput = node.scalar == Self.inputName
      report(
        "name",
        isInput
          ? "'input' names the network's input and no layer"
          : "a layer's name is \(SpecName.rule), found \(node.typeName)", node.span,
        help: node.scalar.flatMap(SpecName.mended).flatMap { isInput ? nil : "write '\($0)'" })
      return nil
    }
    return name
  }

  private mutating func reportDuplicate(_ name: String, _ span: Span, of first: LayerSpec) {
    let place = first.nameSpan ?? first.span
    let isCopy = place == span
    diagnostics.append(
      .error(
        .spec, "duplicate-name", "two layers are named \(name.quoted)", at: span,
        notes: isCopy ? [] : [.init("the first one stands here", at: place)],
        help: isCopy ? "give each copy its own name, such as '\(name)_${index}'" : nil))
  }
}

// MARK: - Messages

extension LayerListDecoder {
  mutating func report(_ rule: String, _ message: String, _ span: Span, help: String? = nil) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }

  private mutating func reportUnknown(_ kind: String, _ span: Span) {
    if let reason = registry.refusedLayers[kind] {
      diagnostics.append(
        .error(
          .bound, "unbounded", "'\(kind)' has no finite Lipschitz constant: \(reason)", at: span))
      return
    }
    let known = (Array(registry.layers.keys) + Array(Self.structures) + blocks).sorted()
    report(
      "unknown-kind", "no layer is called \(kind.quoted)", span,
      help: Suggestion.help(for: kind, in: known, kind: "there are"))
  }

  private static func describe(_ node: YAMLNode) -> String {
    switch node.content {
    case .mapping(let pairs): "a mapping of \(pairs.count) keys"
    case .sequence(let nodes): "a list of \(nodes.count)"
    case .scalar: node.typeName
    }
  }

  /// Help for the keys of a layer that stand in the same column as its kind.
  private static func indentationHelp(_ node: YAMLNode) -> String? {
    guard let pairs = node.mapping, pairs.count > 1, pairs[0].value.isNull,
      let kind = pairs[0].key.scalar
    else { return nil }
    return "indent the keys of \(kind.quoted) further, or write them in braces"
  }
}

/// The share of the branch in the sum of `residual`, the rest being the shortcut's.
enum ResidualShare: SpecValue {
  case fixed(Double)
  case learnt

  static let key = SpecKey<ResidualShare>(
    "convex", "the share of the branch in the sum, the rest being the shortcut's",
    .init("`learnt`, or at least 0 and at most 1") {
      if case .fixed(let share) = $0 { (0...1).contains(share) } else { true }
    })

  static let typeName = "number or `learnt`"

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> ResidualShare? {
    if node.scalar == "learnt" { return .learnt }
    return Double.decode(node, key: key, &diagnostics).map { .fixed($0) }
  }

  var specText: String {
    switch self {
    case .fixed(let share): share.specText
    case .learnt: "learnt"
    }
  }
}

/// How the branches of `parallel` join.
enum ParallelMerge: String, WordValue {
  case concat, add

  static let key = SpecKey<ParallelMerge>(
    "merge", default: .concat, "whether the branches are joined side by side or added")
}
