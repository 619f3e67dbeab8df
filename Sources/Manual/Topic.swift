import ModelIR

/// What the manual says under one id.
public struct Topic: Sendable {
  /// What an id names.
  public enum Kind: String, Sendable, CaseIterable {
    case layer
    case refusedLayer = "refused layer"
    case loss, optimizer, regularizer, parametrization, augmentation, attack
    case dataFormat = "data format"
    case boundMethod = "bound method"
    case composition, section, key, term, diagnostic
  }

  /// The name in specs and reports, blanks written as hyphens: `conv2d`, `closed-form`.
  public let id: String
  /// What it names.
  public let kind: Kind
  /// The declarations whose doc comments make up the text, a type or `Type.case`; empty where the text
  /// stands elsewhere.
  public let declarations: [String]
  /// Markdown: paragraphs and lists.
  public let text: String
  /// Its keys in a spec.
  public let keys: [SpecKeyDescription]
  /// The key that `kind: value` sets.
  public let mainKey: String?
  /// Each over one or more lines, to be printed as they are.
  public let examples: [String]

  /// Doc comments or another text, with keys and examples.
  init(
    _ id: String, _ kind: Kind, declarations: [String] = [], text: String? = nil,
    keys: [SpecKeyDescription] = [], mainKey: String? = nil, examples: [String] = []
  ) {
    self.id = id.replacing(" ", with: "-")
    self.kind = kind
    self.declarations = declarations
    self.text =
      text ?? declarations.compactMap { Manual.comments[$0] }.joined(separator: "\n\n")
    self.keys = keys
    self.mainKey = mainKey
    self.examples = examples
  }
}
