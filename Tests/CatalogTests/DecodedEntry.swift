import Diagnostics
import ModelIR

extension CatalogEntry {
  /// The entry with these keys, which must be faultless.
  static func decoded(_ keys: String) -> Self {
    var diagnostics: [Diagnostic] = []
    guard let entry = read(keys, &diagnostics), diagnostics.isEmpty else {
      preconditionFailure("\(kind) \(keys): \(diagnostics)")
    }
    return entry
  }
}
