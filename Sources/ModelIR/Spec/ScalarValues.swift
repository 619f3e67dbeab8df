import Diagnostics
import SpecSyntax

extension Int: SpecValue {
  /// What messages and the manual call it.
  public static let typeName = "integer"
  /// Reads a decimal integer.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Int? {
    if let text = node.scalar, let value = Int(text) { return value }
    diagnostics.append(.wrongType(key, typeName, node))
    return nil
  }
  /// Decimal digits.
  public var specText: String { "\(self)" }
}

extension Double: SpecValue {
  /// What messages and the manual call it.
  public static let typeName = "number"
  /// Reads a finite decimal number.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Double? {
    if let text = node.scalar, let value = Double(text), value.isFinite { return value }
    diagnostics.append(.wrongType(key, typeName, node))
    return nil
  }
  /// The shortest decimal that reads back.
  public var specText: String {
    self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\(self)"
  }
}

extension Bool: SpecValue {
  /// What messages and the manual call it.
  public static let typeName = "`true` or `false`"
  /// Reads the two words of YAML 1.2.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Bool? {
    if let text = node.scalar, let value = Bool(text) { return value }
    diagnostics.append(.wrongType(key, typeName, node))
    return nil
  }
  /// `true` or `false`.
  public var specText: String { "\(self)" }
}

extension Array: SpecValue where Element: SpecValue {
  /// What messages and the manual call it.
  public static var typeName: String { "list of \(Element.typeName)" }
  /// Reads a list, every faulty element reported.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> [Element]? {
    guard let nodes = node.sequence else {
      diagnostics.append(.wrongType(key, typeName, node))
      return nil
    }
    let elements = nodes.map { Element.decode($0, key: key, &diagnostics) }
    return elements.contains { $0 == nil } ? nil : elements.compactMap { $0 }
  }
  /// A flow sequence.
  public var specText: String { "[" + map(\.specText).joined(separator: ", ") + "]" }
}

extension Diagnostic {
  static func wrongType(_ key: String, _ typeName: String, _ node: YAMLNode) -> Diagnostic {
    let found = node.scalar.map { "'\($0)'" } ?? "a structure"
    return .error(
      .spec, "wrong-type", "'\(key)' must be \(typeName), found \(found)", at: node.span)
  }
}
