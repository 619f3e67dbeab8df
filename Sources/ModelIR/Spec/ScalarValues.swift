import Diagnostics
import SpecSyntax

extension Int: SpecValue {
  /// `integer`.
  public static let typeName = "integer"
  /// A whole number.
  public static let form = SpecForm.integer()
  /// Replaces a faulty value.
  public static let placeholder = 1

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
  /// A number.
  public static let form = SpecForm.number()
  /// Replaces a faulty value.
  public static let placeholder = 1.0

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
  /// A number.
  public static var form: SpecForm { .number() }
  /// Replaces a faulty value.
  public static var placeholder: ExactNumber { ExactNumber(1) }

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
  /// A truth value.
  public static let form = SpecForm.boolean
  /// Replaces a faulty value.
  public static let placeholder = false

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
  /// A scalar.
  public static let form = SpecForm.text
  /// Replaces a faulty value.
  public static let placeholder = ""

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
  /// A list.
  public static var form: SpecForm { .list(of: Element.form) }
  /// Replaces a faulty value.
  public static var placeholder: [Element] { [] }

  /// Reads a list; every faulty element is reported.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> [Element]? {
    guard let nodes = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be a list, found \(node.typeName)", at: node.span,
          help: node.scalar.flatMap(listHelp)))
      return nil
    }
    let elements = nodes.map { Element.decode($0, key: key, &diagnostics) }
    return elements.contains { $0 == nil } ? nil : elements.compactMap { $0 }
  }

  /// The scalar as a list: `1x28x28` as `[1, 28, 28]`.
  private static func listHelp(_ text: String) -> String? {
    guard !text.isEmpty else { return nil }
    let isShape = text.wholeMatch(of: /\d{1,6}( ?[x×*,] ?\d{1,6})+/) != nil
    let inside =
      isShape
      ? text.matches(of: /\d+/).map { String($0.output) }.joined(separator: ", ")
      : text.excerpt(atMost: 48)
    return "write '[\(inside)]'"
  }

  /// `[1, 2]`.
  public var specText: String { "[" + map(\.specText).joined(separator: ", ") + "]" }
}
