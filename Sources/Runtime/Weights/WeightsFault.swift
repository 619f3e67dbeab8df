import Diagnostics

/// Makes diagnostics about one weights file.
struct WeightsFault {
  /// The file's path.
  let path: String

  /// A fault at a byte, or of the whole file.
  func callAsFunction(
    _ rule: String, _ message: String, at offset: Int?, help: String? = nil
  ) -> Failure {
    Failure(diagnostic(rule, message, at: offset, help: help))
  }

  /// The same as a diagnostic.
  func diagnostic(
    _ rule: String, _ message: String, at offset: Int?, help: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      Diagnostic.ID(.weights, rule), message, at: .file(path: path, offset: offset), help: help)
  }
}

extension [Int] {
  /// `[3, 4]`, as shapes stand in messages.
  var shapeText: String { "[" + map(String.init).joined(separator: ", ") + "]" }

  /// The product of extents, nil if one is negative or the product overflows.
  var checkedProduct: Int? {
    var product = 1
    for extent in self {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      product = next
    }
    return product
  }
}
