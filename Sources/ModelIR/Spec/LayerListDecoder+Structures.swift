import Diagnostics
import SpecSyntax

extension LayerListDecoder {
  mutating func residual(
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

  mutating func parallel(
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
  mutating func written(
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
