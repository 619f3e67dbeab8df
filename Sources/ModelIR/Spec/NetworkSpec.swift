import Diagnostics
import SpecSyntax

/// The section `network`, flattened: every layer after its operands.
public struct NetworkSpec: Sendable {
  /// The shape of one sample: [features], [channels, length] or [channels, height, width].
  public let inputShape: [Int]
  /// Where it is written.
  public let inputSpan: Span
  /// The layers; the last one gives the logits.
  public let layers: [LayerSpec]
  /// Where the section begins.
  public let span: Span

  enum Keys {
    static let input = SpecKey<[Int]>(
      "input", "the shape of one sample, [channels, height, width] or [features]",
      .init("1 to 3 extents, each at least 1") {
        (1...3).contains($0.count) && $0.allSatisfy { $0 >= 1 }
      })
  }

  /// The keys, in the order of the manual.
  public static let keys: [SpecKeyDescription] = [
    Keys.input.description,
    .structure(
      "layers", "list of layers", "the layers, each fed by the one before", isRequired: true),
  ]
}

extension SpecDecoder {
  /// Reads `network`, which a spec must have; nil after a diagnostic.
  mutating func decodeNetwork(_ pair: YAMLNode.Pair?, _ start: Span) -> NetworkSpec? {
    guard let pair else {
      diagnostics.append(
        .error(
          .spec, "missing-key", "'spec' needs the key 'network'", at: start,
          help: "write 'network: {input: […], layers: […]}'"))
      return nil
    }
    guard !pair.value.isFaulty else { return nil }
    var reader = ConfigReader(
      kind: "network", span: pair.key.span, value: pair.value, mainKey: nil)
    let shape = reader.read(NetworkSpec.Keys.input)
    let list = reader.node("layers")
    if list == nil, pair.value.mapping != nil {
      reader.report(
        .error(
          .spec, "missing-key", "'network' needs the key 'layers', the list of layers",
          at: reader.span))
    }
    reader.finish()
    diagnostics += reader.diagnostics
    guard let list, !list.isFaulty else { return nil }
    var decoder = LayerListDecoder(registry: registry, blocks: blocks)
    decoder.decode(list)
    diagnostics += decoder.diagnostics
    guard let shape, let inputSpan = pair.value["input"]?.span else { return nil }
    return NetworkSpec(
      inputShape: shape, inputSpan: inputSpan, layers: decoder.layers, span: pair.key.span)
  }
}
