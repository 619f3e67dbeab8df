import Diagnostics
import SpecSyntax

/// One kind of an open set of the spec language: a layer, a loss, an attack; one file in the catalog.
///
/// The doc comment of the conforming type is its page in the manual.
public protocol CatalogEntry: Sendable {
  /// A case for the generic tests and the manual.
  associatedtype Example: Sendable = String
  /// The name in a spec, `conv2d`.
  static var kind: String { get }
  /// The key that `kind: value` sets.
  static var mainKey: String? { get }
  /// Keys as YAML flow text, such as `{filters: 3, kernel: 2}`; empty for none.
  static var examples: [Example] { get }
  /// Reads all keys, each unconditionally and in the order of the manual.
  ///
  /// The reader collects the faults. After one it returns placeholders, and the entry is discarded.
  init(from reader: inout ConfigReader)
}

extension CatalogEntry {
  /// None unless an entry says otherwise.
  public static var mainKey: String? { nil }

  /// The keys in the order of the manual: those that the initializer reads.
  public static var keys: [SpecKeyDescription] { ConfigReader.keys { _ = Self(from: &$0) } }

  /// The entry with these keys, YAML flow text; nil after a diagnostic.
  public static func read(_ keys: String, _ diagnostics: inout [Diagnostic]) -> Self? {
    let file = SourceFile(path: kind, text: keys)
    let value = keys.isEmpty ? nil : parseYAML(file, &diagnostics)
    var reader = ConfigReader(kind: kind, span: Span(file, 0, 0), value: value, mainKey: mainKey)
    let entry = Self(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    return reader.hasFaults || diagnostics.hasErrors ? nil : entry
  }
}

extension CatalogEntry where Example == String {
  /// The entry without keys.
  public static var examples: [String] { [""] }
}
