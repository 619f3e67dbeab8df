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

  /// Reads the section.
  ///
  /// - Parameter blocks: the names of blocks, for messages.
  init(from reader: inout ConfigReader, _ registry: Registry, blocks: [String]) {
    inputShape = reader.read(
      "input", "the shape of one sample, [channels, height, width] or [features]",
      .init("1 to 3 extents, each at least 1") {
        (1...3).contains($0.count) && $0.allSatisfy { $0 >= 1 }
      })
    inputSpan = reader.span(of: "input")
    span = reader.span
    let list = reader.requiredNode(
      "layers", "list of layers", "the layers, each fed by the one before",
      form: .layers)
    var decoder = LayerListDecoder(registry: registry, blocks: blocks)
    if let list, !list.isFaulty { decoder.decode(list) }
    layers = decoder.layers
    for diagnostic in decoder.diagnostics { reader.report(diagnostic) }
  }
}
