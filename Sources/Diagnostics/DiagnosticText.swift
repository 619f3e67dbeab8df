/// Renders diagnostics for people: place, phrase, the line with a caret, notes and help.
public struct DiagnosticText: Sendable {
  /// Whether to colour with ANSI escapes.
  public var isColored: Bool
  /// Columns of source shown around a fault on a long line.
  private static let window = 120

  /// A renderer, plain unless told otherwise.
  public init(isColored: Bool = false) { self.isColored = isColored }

  /// Every diagnostic in order, each ending in a line break.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined()
  }

  /// One diagnostic, ending in a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    let severity = diagnostic.severity
    var text = style(diagnostic.location.text, "1")
    text += style("\(severity.rawValue)[\(diagnostic.id)]", severity == .error ? "1;31" : "1;35")
    text += ": " + style(diagnostic.message.printable, "1") + "\n"
    if case .span(let span) = diagnostic.location { text += snippet(span) }
    for note in diagnostic.notes {
      text += "  " + style("note", "1;36") + ": "
      if let span = note.span { text += "\(Diagnostic.Location.span(span).text)" }
      text += note.message.printable + "\n"
    }
    if let help = diagnostic.help {
      text += "  " + style("help", "1;32") + ": \(help.printable)\n"
    }
    return text
  }

  /// The source line and a line that underlines the span, up to the end of that line.
  private func snippet(_ span: Span) -> String {
    let (line, column) = span.file.position(of: span.lower)
    let scalars = Array(span.file.text(ofLine: line).unicodeScalars)
    let start = min(column - 1, scalars.count)
    let end = span.file.position(of: span.upper)
    let stop = end.line == line ? min(end.column - 1, scalars.count) : scalars.count
    let first = start > Self.window ? start - Self.window / 2 : 0
    let last = min(scalars.count, first + Self.window + Self.window / 2)

    let number = String(line)
    let margin = String(repeating: " ", count: number.count)
    let lead = first > 0 ? "…" : ""
    let source = String(String.UnicodeScalarView(scalars[first..<last])).printable
    let blank = scalars[first..<start].map { $0 == "\t" ? "\t" : " " }.joined()
    let tail = String(repeating: "~", count: max(0, min(stop, last) - start - 1))
    return "  \(number) | \(lead)\(source)\(last < scalars.count ? "…" : "")\n"
      + "  \(margin) | \(lead.isEmpty ? "" : " ")\(blank)" + style("^" + tail, "1;32") + "\n"
  }

  private func style(_ text: String, _ code: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension String {
  /// The text with everything a terminal might act on replaced; tabs stay.
  fileprivate var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.isPrintable || $0 == "\t" ? $0 : "\u{FFFD}" }))
  }
}

extension Diagnostic.Location {
  /// `path:line:column: `, or what of it is known; empty for no place.
  fileprivate var text: String {
    switch self {
    case .span(let span):
      let (line, column) = span.file.position(of: span.lower)
      return "\(span.file.path.printable):\(line):\(column): "
    case .file(let path, let offset):
      return path.printable + (offset.map { ": byte \($0): " } ?? ": ")
    case .row(let path, let line, let column):
      return "\(path.printable):\(line):" + (column.map { "\($0): " } ?? " ")
    case .none:
      return ""
    }
  }
}
