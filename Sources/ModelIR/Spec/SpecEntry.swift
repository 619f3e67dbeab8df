import Diagnostics

/// A chosen member of an open set with its keys read: a loss, an optimiser, a schedule.
public struct SpecEntry<Value: Sendable>: Sendable {
  /// The kind's name.
  public let kind: String
  /// What the kind made of its keys.
  public let value: Value
  /// The keys with defaults, as YAML.
  public let configuration: [(key: String, text: String)]
  /// The kind in the spec, or the place that leaves it out.
  public let span: Span

  /// YAML that decodes to an equal entry: `{lmt: {c: 1}}`.
  public var specText: String {
    let keys = configuration.map { "\($0.key): \($0.text)" }.joined(separator: ", ")
    return keys.isEmpty ? kind : "{\(kind): {\(keys)}}"
  }
}
