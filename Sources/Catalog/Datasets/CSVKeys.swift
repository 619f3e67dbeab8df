import Diagnostics
import ModelIR
import SpecSyntax

extension CSVFormat.LabelColumn: SpecValue {
  static let typeName = "first, last or a column number from 1"

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> CSVFormat.LabelColumn? {
    switch node.scalar {
    case "first": return .first
    case "last": return .last
    case let text?:
      if let number = Int(text), number >= 1 { return .number(number) }
    case nil: break
    }
    diagnostics.append(
      .error(
        .spec, "wrong-type",
        "'\(key)' must be \(typeName)" + (node.scalar.map { ", found '\($0)'" } ?? ""),
        at: node.span))
    return nil
  }

  var specText: String {
    switch self {
    case .first: "first"
    case .last: "last"
    case .number(let number): String(number)
    }
  }
}
