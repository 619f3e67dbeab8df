import Diagnostics
import ModelIR
import SpecSyntax

/// The column of a table that holds the labels.
enum LabelColumn: Hashable, SpecValue {
  case first, last
  /// Counted from 1.
  case number(Int)
  /// What the header calls it.
  case named(String)

  static let typeName = "first, last, a column number from 1 or a name in the header"
  static let form = SpecForm.either([.words(["first", "last"]), .text])
  static let placeholder = LabelColumn.first

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> LabelColumn? {
    switch node.scalar {
    case "first": return .first
    case "last": return .last
    case let text? where !text.isEmpty:
      guard let number = Int(text) else { return .named(text) }
      if number >= 1 { return .number(number) }
    case .some, nil: break
    }
    let found = node.scalar.map { "'\($0)'" } ?? node.typeName
    diagnostics.append(
      .error(
        .spec, "wrong-type", "'\(key)' must be \(typeName), found \(found)", at: node.span))
    return nil
  }

  var specText: String {
    switch self {
    case .first: "first"
    case .last: "last"
    case .number(let number): String(number)
    case .named(let name): name.specText
    }
  }

  /// The name in the header.
  var name: String? {
    guard case .named(let name) = self else { return nil }
    return name
  }

  /// The zero-based column; nil where the table does not have it.
  func index(columns: Int, header: [String]) -> Int? {
    switch self {
    case .first: 0
    case .last: columns - 1
    case .number(let number): number <= columns ? number - 1 : nil
    case .named(let name): header.firstIndex(of: name)
    }
  }
}
