import Diagnostics

/// Makes diagnostics about one file.
public struct FileFault: Sendable {
  /// Whether the user knows the file as data or weights.
  public let area: Diagnostic.Area
  /// The file's path.
  public let path: String

  /// Faults of a file.
  public init(_ area: Diagnostic.Area, path: String) {
    self.area = area
    self.path = path
  }

  /// A fault at a byte, or of the whole file.
  public func callAsFunction(
    _ rule: String, _ message: String, at offset: Int?, help: String? = nil
  ) -> Failure {
    Failure(diagnostic(rule, message, at: offset, help: help))
  }

  /// The same fault as a diagnostic.
  public func diagnostic(
    _ rule: String, _ message: String, at offset: Int?, help: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      Diagnostic.ID(area, rule), message, at: .file(path: path, offset: offset), help: help)
  }
}

extension [Int] {
  /// `[3, 4]`, the form of shapes in messages.
  public var shapeText: String { "[" + map(String.init).joined(separator: ", ") + "]" }

  /// The product of extents, nil if one is negative or the product overflows.
  public var checkedProduct: Int? {
    var product = 1
    for extent in self {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow || extent < 0 { return nil }
      product = next
    }
    return product
  }
}
