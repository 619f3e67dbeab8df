import Diagnostics

extension YAMLNode {
  /// The node as an exact number; nil after a `spec.number` diagnostic at the smallest span.
  ///
  /// - Parameter key: what the number is for, named in the message.
  public func number(for key: String, _ diagnostics: inout [Diagnostic]) -> ExactNumber? {
    guard let text = scalar else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be a number, found \(typeName)", at: span))
      return nil
    }
    do {
      return try ExactNumber(text)
    } catch {
      diagnostics.append(
        .error(
          .spec, "number", "'\(key)' must be a number: \(error.message)", at: span(error.range),
          help: error.help ?? Self.help(text)))
      return nil
    }
  }

  /// The node as `true` or `false`; nil after a diagnostic.
  public func bool(for key: String, _ diagnostics: inout [Diagnostic]) -> Bool? {
    if case .scalar(let text, isPlain: true) = content {
      if ["true", "True", "TRUE"].contains(text) { return true }
      if ["false", "False", "FALSE"].contains(text) { return false }
    }
    let found = scalar.map(\.quoted) ?? typeName
    diagnostics.append(
      .error(
        .spec, "wrong-type", "'\(key)' must be true or false, found \(found)", at: span,
        help: Self.boolHelp(scalar)))
    return nil
  }

  /// What the node is, for messages: `a list`, `a mapping`, `nothing` or the quoted text.
  public var typeName: String {
    switch content {
    case .scalar("", isPlain: true): "nothing"
    case .scalar(let text, _): text.quoted
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Whether nothing is written after the key, or YAML's `null` or `~`.
  public var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      ["", "~", "null", "Null", "NULL"].contains(text)
    } else {
      false
    }
  }

  /// The part of the span that a range of the scalar's text covers, where text and source agree
  /// byte for byte; otherwise the whole span.
  public func span(_ range: Range<Int>) -> Span {
    guard case .scalar(let text, _) = content else { return span }
    let width = span.upper - span.lower
    let quotes = width == text.utf8.count ? 0 : width == text.utf8.count + 2 ? 1 : nil
    guard let quotes, range.upperBound <= text.utf8.count else { return span }
    let start = span.lower + quotes
    guard span.file.bytes[start..<(start + text.utf8.count)].elementsEqual(text.utf8) else {
      return span
    }
    return Span(span.file, start + range.lowerBound, start + range.upperBound)
  }

  private static func help(_ text: String) -> String? {
    let word = text.lowercased().drop { $0 == "+" || $0 == "-" }
    if [".inf", ".nan", "inf", "nan", "infinity"].contains(word) { return "numbers are finite" }
    return text.contains(",") ? "write a decimal point, not a comma" : nil
  }

  private static func boolHelp(_ text: String?) -> String? {
    switch text?.lowercased() {
    case "yes", "on", "y", "1", "true": "write 'true'"
    case "no", "off", "n", "0", "false": "write 'false'"
    default: nil
    }
  }
}
