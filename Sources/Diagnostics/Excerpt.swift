extension String {
  /// The text in single quotes, short enough for a message and safe for a terminal.
  public var quoted: String { "'" + excerpt(atMost: 48) + "'" }

  /// The text with control characters replaced, cut to a number of scalars.
  public func excerpt(atMost limit: Int) -> String {
    var result = String.UnicodeScalarView()
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == limit {
        result.append("…")
        break
      }
      result.append(scalar.isPrintable ? scalar : "\u{FFFD}")
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Whether a terminal displays the scalar without acting on it: no control character, no line break, no
  /// change of writing direction.
  var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
    case .format: value == 0x200D
    default: true
    }
  }
}
