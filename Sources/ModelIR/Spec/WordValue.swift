import Diagnostics
import SpecSyntax

/// A key whose value is one word of a closed list: the raw values of an enum.
public protocol WordValue: SpecValue, CaseIterable, RawRepresentable, Hashable
where RawValue == String {}

extension WordValue {
  /// The words.
  public static var typeName: String {
    allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
  }

  /// One of the words.
  public static var form: SpecForm { .words(allCases.map(\.rawValue)) }

  /// Replaces a faulty value.
  public static var placeholder: Self { allCases[allCases.startIndex] }

  /// Reads one of the words.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Self? {
    if let word = node.scalar, let value = Self(rawValue: word) { return value }
    let words = allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    diagnostics.append(
      .error(
        .spec, "unknown-word", "'\(key)' must be one of \(words), found \(node.typeName)",
        at: node.span))
    return nil
  }

  /// The word.
  public var specText: String { rawValue }
}
