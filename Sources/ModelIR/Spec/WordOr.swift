import Diagnostics
import SpecSyntax

/// A value that one word of a closed list may replace: `same` or a padding, `none` or a box.
public enum WordOr<Word: WordValue, Other: SpecValue & Hashable>: SpecValue, Hashable {
  /// One of the words.
  case word(Word)
  /// Any other value.
  case other(Other)

  /// Both types: `integer, [height, width] or `same``.
  public static var typeName: String {
    Other.typeName.replacing(" or ", with: ", ") + " or " + Word.typeName
  }

  /// Either.
  public static var form: SpecForm { .either([Other.form, Word.form]) }

  /// Replaces a faulty value.
  public static var placeholder: Self { .other(Other.placeholder) }

  /// Reads a word or another value.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Self? {
    if let word = node.scalar.flatMap(Word.init(rawValue:)) { return .word(word) }
    return Other.decode(node, key: key, &diagnostics).map(Self.other)
  }

  /// The notation that decodes to this.
  public var specText: String {
    switch self {
    case .word(let word): word.specText
    case .other(let value): value.specText
    }
  }
}

extension SpecKey.Requirement {
  /// A requirement on the value where it is no word.
  public static func other<Word, Other>(_ requirement: SpecKey<Other>.Requirement) -> Self
  where Value == WordOr<Word, Other> {
    Self(requirement.text, limits: requirement.limits) {
      switch $0 {
      case .word: true
      case .other(let value): requirement.holds(value)
      }
    }
  }
}
