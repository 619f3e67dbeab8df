/// Writes YAML that ``parseYAML(_:_:)`` reads back equal.
public enum YAMLText {
  /// A scalar: plain where that is unambiguous in flow and block context, otherwise double-quoted.
  public static func scalar(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// A node on one line: `{a: 1, b: [2, 3]}`.
  public static func flow(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, let isPlain):
      return isPlain && text.isEmpty ? "null" : scalar(text)
    case .sequence(let nodes):
      return "[" + nodes.map(flow).joined(separator: ", ") + "]"
    case .mapping(let pairs):
      let entries = pairs.map { "\(flow($0.key)): \(flow($0.value))" }
      return "{" + entries.joined(separator: ", ") + "}"
    }
  }

  /// Whether a text needs no quotes: words of letters, digits and `_ . / * ( ) + - ^ < > =` that start
  /// with none of YAML's indicators, separated by single spaces.
  private static func isPlain(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return false }
    if text == "~" || text.lowercased() == "null" || text == "<<" { return false }
    let isNumberLike = first == UInt8(ascii: "-") && bytes.count > 1 && bytes[1] != 0x20
    guard isWord(first) || ".(/+".utf8.contains(first) || isNumberLike, last != 0x20 else {
      return false
    }
    guard !text.hasPrefix("---"), !text.hasPrefix("...") else { return false }
    return bytes.allSatisfy { isWord($0) || "._/*()+-<>= ".utf8.contains($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{85}", "\u{2028}", "\u{2029}", "\u{A0}", "\u{FEFF}": result += escape(scalar)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        result += escape(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
