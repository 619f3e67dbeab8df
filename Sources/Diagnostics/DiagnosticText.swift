/// Renders diagnostics as text: position, message, the source line with a caret, notes and help.
public struct DiagnosticText: Sendable {
  private let style: TextStyle
  /// Columns of source shown around a fault on a long line.
  private static let window = 120

  /// A renderer.
  public init(_ style: TextStyle = .plain) { self.style = style }

  /// Every diagnostic in order, each ending in a line break.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined()
  }

  /// One diagnostic, ending in a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    let severity = diagnostic.severity
    var text = style(diagnostic.location.text, .strong)
    text += style("\(severity.rawValue)[\(diagnostic.id)]", severity == .error ? .error : .warning)
    text += ": " + style(diagnostic.message.printable, .strong) + "\n"
    if case .span(let span) = diagnostic.location { text += snippet(span) }
    for note in diagnostic.notes {
      text += "  " + style("note", .note) + ": "
      if let span = note.span { text += "\(Diagnostic.Location.span(span).text)" }
      text += note.message.printable + "\n"
    }
    if let help = diagnostic.help {
      text += "  " + style("help", .help) + ": \(help.printable)\n"
    }
    return text
  }

  /// The source line and a line that underlines the span, up to the end of that line; of a long line
  /// only the part around the span.
  private func snippet(_ span: Span) -> String {
    let file = span.file
    let line = span.line
    let range = file.range(ofLine: line)
    let start = min(span.lower, range.upperBound)
    let stop = min(span.upper, range.upperBound)
    let early = file.offset(start, movedBy: -Self.window, in: range)
    let first =
      early > range.lowerBound ? file.offset(start, movedBy: -Self.window / 2, in: range) : early
    let last = file.offset(first, movedBy: Self.window * 3 / 2, in: range)

    func text(_ range: Range<Int>) -> String { String(decoding: file.bytes[range], as: UTF8.self) }
    let margin = String(repeating: " ", count: String(line).count)
    let lead = first > range.lowerBound ? "…" : ""
    let blank = text(first..<start).unicodeScalars.map { $0 == "\t" ? "\t" : " " }.joined()
    let covered = text(start..<max(start, min(stop, last))).unicodeScalars.count
    let tail = String(repeating: "~", count: max(0, covered - 1))
    let end = last < range.upperBound ? "…" : ""
    return "  \(line) | \(lead)\(text(first..<last).printable)\(end)\n"
      + "  \(margin) | \(lead.isEmpty ? "" : " ")\(blank)" + style("^" + tail, .help) + "\n"
  }
}

extension String {
  /// The text without characters that a terminal acts on, except tabs.
  fileprivate var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { $0.isPrintable || $0 == "\t" ? $0 : "\u{FFFD}" }))
  }
}

extension Diagnostic.Location {
  /// `path:line:column: `, or the known part of it; empty for no position.
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
