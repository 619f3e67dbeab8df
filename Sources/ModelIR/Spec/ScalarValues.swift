import Diagnostics
import SpecSyntax

extension Int: SpecValue {
  /// `integer`.
  public static let typeName = "integer"

  /// Reads an exact expression whose value is whole and fits 64 bits.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Int? {
    guard let number = node.number(for: key, &diagnostics) else { return nil }
    if let integer = number.integer { return integer }
    diagnostics.append(
      .error(
        .spec, "wrong-type", "'\(key)' must be an integer, found \(number.text.quoted)",
        at: node.span))
    return nil
  }

  /// The digits.
  public var specText: String { String(self) }
}

extension Double: SpecValue {
  /// `number`.
  public static let typeName = "number"

  /// Reads an exact expression and rounds it correctly.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Double? {
    node.number(for: key, &diagnostics)?.nearest
  }

  /// The shortest decimal that reads back equal, whole numbers without a point.
  public var specText: String {
    Int(exactly: self).map(String.init) ?? description
  }
}

extension ExactNumber: SpecValue {
  /// `number`.
  public static var typeName: String { "number" }

  /// Reads an exact expression.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> ExactNumber? {
    node.number(for: key, &diagnostics)
  }

  /// The text as written.
  public var specText: String { text }
}

extension Bool: SpecValue {
  /// What messages and the manual call it.
  public static let typeName = "`true` or `false`"

  /// Reads a truth value of YAML 1.2.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Bool? {
    node.bool(for: key, &diagnostics)
  }

  /// `true` or `false`.
  public var specText: String { self ? "true" : "false" }
}

extension String: SpecValue {
  /// `text`.
  public static let typeName = "text"

  /// Reads a scalar that is not empty.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> String? {
    if let text = node.scalar, !text.isEmpty { return text }
    diagnostics.append(
      .error(.spec, "wrong-type", "'\(key)' must be text, found \(node.typeName)", at: node.span))
    return nil
  }

  /// The text, quoted where YAML would read it otherwise.
  public var specText: String { YAMLText.scalar(self) }
}

extension Array: SpecValue where Element: SpecValue {
  /// `list of …`.
  public static var typeName: String { "list of \(Element.typeName)" }

  /// Reads a list; every faulty element is reported.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> [Element]? {
    guard let nodes = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be a list, found \(node.typeName)", at: node.span,
          help: node.scalar.flatMap { $0.isEmpty ? nil : "write '[\($0.excerpt(atMost: 48))]'" }))
      return nil
    }
    let elements = nodes.map { Element.decode($0, key: key, &diagnostics) }
    return elements.contains { $0 == nil } ? nil : elements.compactMap { $0 }
  }

  /// `[1, 2]`.
  public var specText: String { "[" + map(\.specText).joined(separator: ", ") + "]" }
}

extension SpecKey<Int>.Requirement {
  /// At least 1, and small enough that products of a few cannot overflow.
  public static let count = Self("at least 1 and at most 1000000") { (1...1_000_000).contains($0) }
  /// At least 0.
  public static let natural = Self("at least 0") { $0 >= 0 }
}

extension SpecKey<Double>.Requirement {
  /// Above 0.
  public static let positive = Self("above 0") { $0 > 0 }
  /// At least 0.
  public static let nonNegative = Self("at least 0") { $0 >= 0 }
  /// In [0, 1).
  public static let fraction = Self("at least 0 and below 1") { (0..<1).contains($0) }
}
