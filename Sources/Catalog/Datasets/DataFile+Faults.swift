import Diagnostics
import ModelIR

extension DataFile {
  /// A fault at a byte of the (decompressed) contents.
  func fault(_ rule: String, _ message: String, at offset: Int, help: String? = nil) -> Failure {
    Failure(
      Diagnostic(
        Diagnostic.ID(.data, rule), message, at: .file(path: path, offset: offset), help: help))
  }

  /// A fault at a one-based row and column of a table.
  func fault(_ rule: String, _ message: String, row: Int, column: Int? = nil, help: String? = nil)
    -> Diagnostic
  {
    Diagnostic(
      Diagnostic.ID(.data, rule), message, at: .row(path: path, line: row, column: column),
      help: help)
  }
}

/// `[1, 28, 28]`, as shapes stand in messages.
func shapeText(_ shape: [Int]) -> String {
  "[" + shape.map(String.init).joined(separator: ", ") + "]"
}
