import Diagnostics

/// One layer as decoded from a spec: its keys read, its operands resolved, its shapes still unknown.
///
/// The decoder flattens `residual`, `parallel`, `repeat` and `from` into one list in which every
/// operand comes before its use; merges are layers (`add`, `concat`).
public struct LayerSpec: Sendable {
  /// Where an input comes from: the model's input, or an earlier layer by its position in the list.
  public typealias Reference = Model.Node.Operand

  /// The unique name.
  public let name: String
  /// The name in the spec, nil if the decoder made it up.
  public let nameSpan: Span?
  /// The kind, as in the registry.
  public let kind: String
  /// The layer; nil if its keys were faulty, which is reported already and silences what follows it.
  public let layer: (any Layer)?
  /// Where its inputs come from.
  public let inputs: [Reference]
  /// The keys with defaults, as YAML.
  public let configuration: [(key: String, text: String)]
  /// The place of the layer: its kind in the spec.
  public let span: Span

  /// A layer of given parts.
  public init(
    name: String, nameSpan: Span? = nil, kind: String, layer: (any Layer)?, inputs: [Reference],
    configuration: [(key: String, text: String)] = [], span: Span
  ) {
    self.name = name
    self.nameSpan = nameSpan
    self.kind = kind
    self.layer = layer
    self.inputs = inputs
    self.configuration = configuration
    self.span = span
  }

  /// What messages call it: `'dense_1'`, or `'dense' layer 'head'` where the spec names it.
  public var title: String { nameSpan == nil ? "'\(name)'" : "'\(kind)' layer '\(name)'" }
}
