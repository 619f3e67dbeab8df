import Diagnostics
import ModelIR
import SpecSyntax

extension CatalogEntry {
  /// An entry from its keys as YAML flow text; nil after a fault.
  static func decode(_ keys: String, _ diagnostics: inout [Diagnostic]) -> Self? {
    let file = SourceFile(path: "keys", text: keys)
    let value = keys.isEmpty ? nil : parseYAML(file, &diagnostics)
    var reader = ConfigReader(
      kind: kind, span: Span(file, 0, 0), value: value, mainKey: mainKey)
    let entry = Self(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    return reader.hasFaults ? nil : entry
  }

  /// An entry from keys that must be faultless.
  static func decoded(_ keys: String) -> Self {
    var diagnostics: [Diagnostic] = []
    guard let entry = decode(keys, &diagnostics), diagnostics.isEmpty else {
      preconditionFailure("\(kind) \(keys): \(diagnostics)")
    }
    return entry
  }
}
