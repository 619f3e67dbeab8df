import Diagnostics
import SpecSyntax

/// Decodes the layers of a network into one flat list: `residual` and `parallel` become merges.
struct LayerListDecoder {
  private typealias Reference = LayerSpec.Reference

  /// Kinds that hold lists of layers, and `repeat`, which is expanded earlier.
  static let structures: Set<String> = ["residual", "parallel", "repeat"]
  private static let maximumLayers = 20_000
  private static let maximumOperands = 1000
  /// The number of faults after which the rest is skipped.
  private static let maximumDiagnostics = 100

  private(set) var diagnostics: [Diagnostic] = []
  private var list = LayerList()
  private let registry: Registry
  private let blocks: [String]

  init(registry: Registry, blocks: [String]) {
    self.registry = registry
    self.blocks = blocks
  }

  var layers: [LayerSpec] { list.layers }

  /// Decodes the whole list.
  mutating func decode(_ node: YAMLNode) {
    let output = decode(node, key: "layers", from: .input)
    guard !diagnostics.hasErrors else { return }
    if layers.isEmpty {
      report("empty", "a network needs at least one layer", node.span)
    }
    for layer in list.unused(output: output) {
      diagnostics.append(
        .warning(
          .spec, "unused-layer", "the output of \(layer.title) is not used", at: layer.span))
    }
  }

  /// Decodes a list of layers fed by `input` and returns its output.
  private mutating func decode(
    _ node: YAMLNode, key: String, from input: Reference
  ) -> Reference {
    guard !node.isFaulty, !(node.isNull && key == "shortcut") else { return input }
    guard let nodes = node.sequence else {
      report("wrong-type", "'\(key)' must be a list of layers, found \(node.typeName)", node.span)
      return input
    }
    var current = input
    for node in nodes {
      guard layers.count < Self.maximumLayers else {
        report("too-large", "a network must have at most \(Self.maximumLayers) layers", node.span)
        return current
      }
      guard diagnostics.count < Self.maximumDiagnostics else { return current }
      current = layer(node, from: current)
    }
    return current
  }

  private mutating func layer(_ node: YAMLNode, from input: Reference) -> Reference {
    guard !node.isFaulty else { return list.append(faulty: node.span, input) }
    guard let (kind, value) = node.entry, let name = kind.scalar else {
      report(
        "wrong-type", "expected a layer as 'kind' or 'kind: {keys}', found \(node.sizeText)",
        node.span, help: Self.indentationHelp(node))
      return list.append(faulty: node.span, input)
    }
    if value?.isFaulty == true { return list.append(faulty: kind.span, input) }
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
      return list.append(faulty: node.span, input, named: value?["name"]?.scalar)
    }
    var reader = ConfigReader(
      kind: kind, span: node.span, value: value, mainKey: type.mainKey, registry: registry)
    let name = reader.node("name")
    let inputs = operands(&reader) ?? [input]
    return append(type, name: name, inputs, &reader)
  }

  private mutating func append(
    _ type: EntryKind<any Layer>, name: YAMLNode?, _ inputs: [Reference],
    _ reader: inout ConfigReader
  ) -> Reference {
    let layer = type.read(&reader)
    reader.finish()
    diagnostics += reader.diagnostics
    return list.append(
      type.name, reader.hasFaults ? nil : layer, name: name, inputs, reader.resolved, reader.span,
      &diagnostics)
  }

  private mutating func report(
    _ rule: String, _ message: String, _ span: Span, help: String? = nil
  ) {
    diagnostics.append(.error(.spec, rule, message, at: span, help: help))
  }

  private mutating func reportUnknown(_ kind: String, _ span: Span) {
    if let reason = registry.refusedLayers[kind] {
      diagnostics.append(
        .error(
          .bound, "unbounded", "'\(kind)' has no finite Lipschitz constant: \(reason)", at: span))
    } else {
      let others = Array(Self.structures) + blocks
      diagnostics.append(registry.layers.unknown(kind, at: span, beside: others))
    }
  }

  /// Help for the keys of a layer that begin in the same column as its kind.
  private static func indentationHelp(_ node: YAMLNode) -> String? {
    guard let pairs = node.mapping, pairs.count > 1, pairs[0].value.isNull,
      let kind = pairs[0].key.scalar
    else { return nil }
    return "indent the keys of \(kind.quoted) further, or write them in braces"
  }
}

extension LayerListDecoder {
  /// The operands that `from` names; nil where it is left out.
  private func operands(_ reader: inout ConfigReader) -> [Reference]? {
    guard let node = reader.node("from"), !node.isFaulty else { return nil }
    let names = node.sequence ?? [node]
    if names.isEmpty || names.count > Self.maximumOperands {
      reader.report(
        .error(
          .spec, "wrong-length",
          "'from' must name 1 to \(Self.maximumOperands) layers, found \(names.count)",
          at: node.span))
    }
    let inputs = names.prefix(Self.maximumOperands).compactMap { operand($0, &reader) }
    return inputs.isEmpty ? nil : inputs
  }

  private func operand(_ node: YAMLNode, _ reader: inout ConfigReader) -> Reference? {
    guard !node.isFaulty else { return nil }
    let name = node.scalar ?? ""
    if let reference = list[name] { return reference }
    reader.report(
      .error(
        .spec, "unknown-layer", "no earlier layer is named \(node.typeName)", at: node.span,
        help: Suggestion.nearest(to: name, in: list.names).map { "did you mean '\($0)'?" }))
    return nil
  }

  /// `from` of a structure: one name.
  private func structureInput(_ reader: inout ConfigReader) -> Reference? {
    guard let inputs = operands(&reader) else { return nil }
    if inputs.count > 1 {
      reader.report(
        .error(
          .spec, "wrong-length", "'\(reader.kind)' must have one input, found \(inputs.count)",
          at: reader.span(of: "from")))
    }
    return inputs.first
  }
}

extension LayerListDecoder {
  private mutating func residual(
    _ kind: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    var reader = ConfigReader(
      kind: "residual", span: kind.span, value: value, mainKey: "branch")
    let name = reader.node("name")
    let input = structureInput(&reader) ?? input
    let keys = ResidualKeys(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    let first = keys.branch.map { decode($0, key: "branch", from: input) } ?? input
    let second = keys.shortcut.map { decode($0, key: "shortcut", from: input) } ?? input
    return merge("add", name, weighted([first, second], keys.share, kind.span), kind.span)
  }

  /// The branch and the shortcut times their shares of the sum.
  private mutating func weighted(
    _ terms: [Reference], _ share: ResidualShare?, _ span: Span
  ) -> [Reference] {
    switch share {
    case nil:
      return terms
    case .other(let share):
      return zip(terms, [share, 1 - share]).map { term, factor in
        written("scale", factor.specText, nil, [term], span)
      }
    case .word(.learned):
      let group = "convex_\(layers.count)"
      return terms.map { written("gate", group, nil, [$0], span) }
    }
  }

  private mutating func parallel(
    _ kind: YAMLNode, _ value: YAMLNode?, from input: Reference
  ) -> Reference {
    var reader = ConfigReader(
      kind: "parallel", span: kind.span, value: value, mainKey: "branches")
    let name = reader.node("name")
    let input = structureInput(&reader) ?? input
    let keys = ParallelKeys(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    let lists = keys.branches.flatMap { branchLists($0) } ?? []
    let ends = lists.map { decode($0, key: "branches", from: input) }
    guard ends.count > 1 else { return list.append(faulty: kind.span, input) }
    return merge(keys.merge.rawValue, name, ends, kind.span)
  }

  private mutating func branchLists(_ node: YAMLNode) -> [YAMLNode]? {
    guard !node.isFaulty else { return nil }
    if let lists = node.sequence, lists.count > 1 { return lists }
    report(
      "wrong-type",
      "'branches' must be a list of at least 2 lists of layers, found \(node.sizeText)", node.span)
    return nil
  }

  private mutating func merge(
    _ kind: String, _ name: YAMLNode?, _ inputs: [Reference], _ span: Span
  ) -> Reference { written(kind, nil, name, inputs, span) }

  /// Appends a layer that is part of a structure, with the main key's value.
  private mutating func written(
    _ kind: String, _ value: String?, _ name: YAMLNode?, _ inputs: [Reference], _ span: Span
  ) -> Reference {
    guard let type = registry.layers[kind] else {
      reportUnknown(kind, span)
      return list.append(faulty: span, inputs[0])
    }
    let value = value.map { YAMLNode(.scalar($0, isPlain: true), span: span) }
    var reader = ConfigReader(
      kind: kind, span: span, value: value, mainKey: type.mainKey, registry: registry)
    return append(type, name: name, inputs, &reader)
  }
}

/// The own keys of `residual`.
struct ResidualKeys {
  let branch: YAMLNode?
  let shortcut: YAMLNode?
  fileprivate let share: ResidualShare?

  init(from reader: inout ConfigReader) {
    branch = reader.requiredNode("branch", "list of layers", "a list of layers", form: .layers)
    shortcut = reader.node(
      "shortcut", "list of layers", "the layers beside the branch", default: "[], the identity",
      form: .layers)
    share = reader.readIfPresent(ResidualShare.key)
  }
}

/// The own keys of `parallel`.
struct ParallelKeys {
  let branches: YAMLNode?
  fileprivate let merge: ParallelMerge

  init(from reader: inout ConfigReader) {
    branches = reader.requiredNode(
      "branches", "list of lists of layers", "a list of lists of layers",
      form: .list(of: .layers, counts: 2...Int.max))
    merge = reader.read(
      "merge", default: .concat, "whether the branches are concatenated or added")
  }
}

/// The word for a share that is trained.
private enum LearnedWord: String, WordValue {
  case learned = "learnt"
}

/// The share of the branch in the sum of `residual`; the shortcut has the rest.
private typealias ResidualShare = WordOr<LearnedWord, Double>

extension ResidualShare {
  fileprivate static let key = SpecKey<ResidualShare>(
    "convex", "the share of the branch in the sum; the shortcut has the rest",
    .other(.range(0...1)))
}

/// How the branches of `parallel` join.
private enum ParallelMerge: String, WordValue {
  case concat, add
}

extension YAMLNode {
  /// What the node is and how large, for messages.
  fileprivate var sizeText: String {
    switch content {
    case .mapping(let pairs): "a mapping of \(pairs.count) keys"
    case .sequence(let nodes): "a list of \(nodes.count)"
    case .scalar: typeName
    }
  }
}
