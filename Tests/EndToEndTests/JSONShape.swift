import Foundation
import Testing

/// What a JSON value has to look like.
indirect enum JSONShape: Sendable {
  case number, text, null
  /// A number or null.
  case optionalNumber
  /// A list of at least one element, each of a shape.
  case list(JSONShape)
  /// A list, empty or of any elements.
  case anyList
  /// These keys, perhaps among others.
  case object([String: JSONShape])

  /// The path of the first value that does not fit, nil if all do.
  func mismatch(_ value: Any?, at path: String = "$") -> String? {
    switch self {
    case .number: return value is Double || value is Int ? nil : path
    case .text: return value is String ? nil : path
    case .null: return value is NSNull ? nil : path
    case .optionalNumber:
      return value is NSNull || value is Double || value is Int ? nil : path
    case .anyList: return value is [Any] ? nil : path
    case .list(let shape):
      guard let elements = value as? [Any], !elements.isEmpty else { return path }
      return elements.enumerated().lazy
        .compactMap { shape.mismatch($1, at: "\(path)[\($0)]") }.first
    case .object(let shapes):
      guard let entries = value as? [String: Any] else { return path }
      return shapes.sorted { $0.key < $1.key }.lazy
        .compactMap { $1.mismatch(entries[$0], at: "\(path).\($0)") }.first
    }
  }

  /// A requirement and its verdict.
  static let requirements = JSONShape.list(.object(["text": .text, "verdict": .text]))
  /// A diagnostic at a place of the spec.
  static let diagnostic = JSONShape.object([
    "id": .text, "severity": .text, "file": .text, "line": .number, "column": .number,
    "end_line": .number, "end_column": .number, "message": .text,
  ])
}

/// The one document that a text is.
func document(_ text: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}
