import Diagnostics
import SpecSyntax

extension SpecDecoder {
  /// One of the kinds of an open set.
  struct Choice<Value: Sendable>: Sendable {
    /// What messages call the set: `loss`.
    let what: String
    /// The names to choose from, sorted.
    let kinds: [String]
    /// The main key of a kind.
    let mainKey: @Sendable (String) -> String?
    /// Reads a kind's keys.
    let make: @Sendable (String, inout ConfigReader) -> Value?
  }

  /// Reads `kind`, `kind: scalar` or `kind: {keys}`; nil after a diagnostic.
  mutating func entry<Value>(_ node: YAMLNode, _ choice: Choice<Value>) -> SpecEntry<Value>? {
    guard !node.isFaulty else { return nil }
    guard let (kind, value) = node.entry, let name = kind.scalar else {
      diagnostics.append(
        .error(
          .spec, "wrong-type",
          "a \(choice.what) is 'kind' or 'kind: {keys}', found \(node.typeName)",
          at: node.span))
      return nil
    }
    guard choice.kinds.contains(name) else {
      let help = Suggestion.help(for: name, in: choice.kinds, kind: "there are")
      diagnostics.append(
        .error(
          .spec, "unknown-kind", "no \(choice.what) is called \(name.quoted)", at: kind.span,
          help: help ?? (choice.kinds.isEmpty ? "this version has none" : nil)))
      return nil
    }
    var reader = ConfigReader(
      kind: name, span: kind.span, value: value, mainKey: choice.mainKey(name))
    let result = choice.make(name, &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    guard let result, !reader.diagnostics.hasErrors else { return nil }
    return SpecEntry(kind: name, value: result, configuration: reader.resolved, span: kind.span)
  }

  /// The entries of a list, none where it is left out; nil after a diagnostic.
  mutating func entries<Value>(
    _ node: YAMLNode?, key: String, _ choice: Choice<Value>
  ) -> [SpecEntry<Value>]? {
    guard let node, !node.isNull else { return [] }
    guard !node.isFaulty else { return nil }
    guard let nodes = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be a list, found \(node.typeName)", at: node.span))
      return nil
    }
    guard nodes.count <= Self.maximumEntries else {
      diagnostics.append(
        .error(
          .spec, "wrong-length",
          "'\(key)' takes at most \(Self.maximumEntries) entries, found \(nodes.count)",
          at: node.span))
      return nil
    }
    let entries = nodes.map { entry($0, choice) }
    return entries.contains { $0 == nil } ? nil : entries.compactMap(\.self)
  }

  private static var maximumEntries: Int { 20 }

  /// The entry under a key, or the default one, reported at `span` if it is not to be had.
  mutating func entry<Value>(
    _ node: YAMLNode?, default text: String, at span: Span, _ choice: Choice<Value>
  ) -> SpecEntry<Value>? {
    entry(node ?? YAMLNode(.scalar(text, isPlain: true), span: span), choice)
  }
}

extension Registry {
  var lossChoice: SpecDecoder.Choice<any Loss> {
    .init(
      what: "loss", kinds: losses.keys.sorted(), mainKey: { losses[$0]?.mainKey },
      make: { losses[$0]?.init(from: &$1) })
  }

  var optimizerChoice: SpecDecoder.Choice<any Optimizer> {
    .init(
      what: "optimizer", kinds: optimizers.keys.sorted(), mainKey: { optimizers[$0]?.mainKey },
      make: { optimizers[$0]?.init(from: &$1) })
  }

  var attackChoice: SpecDecoder.Choice<any Attack> {
    .init(
      what: "attack", kinds: attacks.keys.sorted(), mainKey: { attacks[$0]?.mainKey },
      make: { attacks[$0]?.init(from: &$1) })
  }

  var augmentationChoice: SpecDecoder.Choice<any Augmentation> {
    .init(
      what: "augmentation", kinds: augmentations.keys.sorted(),
      mainKey: { augmentations[$0]?.mainKey }, make: { augmentations[$0]?.init(from: &$1) })
  }

  var regularizerChoice: SpecDecoder.Choice<any Regularizer> {
    .init(
      what: "regularizer", kinds: regularizers.keys.sorted(),
      mainKey: { regularizers[$0]?.mainKey }, make: { regularizers[$0]?.init(from: &$1) })
  }
}
