import Diagnostics

/// A change of the spec from the command line, `--set train.epochs=3`.
public struct SpecOverride: Sendable {
  /// One word of the path.
  struct Step: Sendable {
    let name: String
    let span: Span
  }

  /// The words between the points, outermost first; never empty.
  let path: [Step]
  /// What to put there.
  let value: YAMLNode

  /// Reads `path.to.key=value`; nil after a `usage.set` diagnostic.
  ///
  /// The value is YAML, so `[0.1, 0.3]` and `{adam: {learning_rate: 1e-3}}` work.
  public init?(_ argument: String, _ diagnostics: inout [Diagnostic]) {
    let file = SourceFile(path: "--set", text: argument)
    let all = Span(file, 0, file.bytes.count)
    guard let equals = file.bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      diagnostics.append(
        .error(
          .usage, "set", "an override is 'path.to.key=value', found \(argument.quoted)", at: all))
      return nil
    }
    var steps: [Step] = []
    for part in file.bytes[..<equals].split(
      separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    {
      let span = Span(file, part.startIndex, part.endIndex)
      guard !part.isEmpty else {
        diagnostics.append(.error(.usage, "set", "a word of the path is empty", at: span))
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

  /// Whether it speaks of a layer by name, which exists only once blocks are written out.
  var namesLayer: Bool {
    path.count > 2 && path[0].name == "network" && path[1].name == "layers"
      && Int(path[2].name) == nil
  }
}

extension SpecOverride {
  /// Puts the value into the tree as written, adding keys that are missing.
  func apply(to root: inout YAMLNode, _ diagnostics: inout [Diagnostic]) {
    set(&root, path[...], &diagnostics)
  }

  /// Puts the value under the rest of a path.
  func set(
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
          step, "'\(step.name)' is a key of no mapping here, found \(node.typeName)", &diagnostics)
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
      let range = nodes.isEmpty ? "the list is empty" : "from 0 to \(nodes.count - 1)"
      fault(
        step, "an element of a list is given by its number, \(range), found \(step.name.quoted)",
        &diagnostics)
      return
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

extension SpecOverride {
  private init(path: [Step], value: YAMLNode) {
    self.path = path
    self.value = value
  }

  /// The same change with another value.
  func replacing(_ value: YAMLNode) -> SpecOverride { SpecOverride(path: path, value: value) }
}
