import Diagnostics
import Verifier

extension Refusal {
  /// What is shown to users.
  var diagnostic: Diagnostic {
    let id: Diagnostic.ID =
      switch kind {
      case .missing: .init(.file, "missing")
      case .malformed: .init(.data, "certificate")
      case .refuted: .init(.certificate, "refuted")
      }
    let prefix = place.path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    let location: Diagnostic.Location =
      place.line.map { .row(path: place.file, line: $0, column: place.column) }
      ?? .file(path: place.file, offset: nil)
    return Diagnostic(id, prefix + message, at: location)
  }
}
