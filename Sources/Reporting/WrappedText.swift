/// Text wrapped to a width: paragraphs and lists of Markdown, and verbatim blocks.
struct WrappedText {
  /// Columns, at least 40.
  let width: Int
  private(set) var text = ""

  init(width: Int) { self.width = max(width, 40) }

  mutating func line(_ text: String) { self.text += text + "\n" }

  mutating func space() { text += "\n" }

  /// Adds verbatim lines, each indented.
  mutating func block(_ lines: String, indentation: Int) {
    for part in lines.split(separator: "\n", omittingEmptySubsequences: false) {
      line(part.isEmpty ? "" : String(repeating: " ", count: indentation) + part)
    }
  }

  /// Adds paragraphs and `- ` lists; lines indented by four spaces are not wrapped.
  mutating func markdown(_ source: String, indentation: Int) {
    var paragraph: [Substring] = []
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty || line.hasPrefix("- ") || line.hasPrefix("    ") {
        wrap(&paragraph, indentation: indentation)
      }
      if line.isEmpty {
        space()
      } else if line.hasPrefix("    ") {
        block(String(line), indentation: indentation)
      } else {
        paragraph.append(line)
      }
    }
    wrap(&paragraph, indentation: indentation)
  }

  private mutating func wrap(_ lines: inout [Substring], indentation: Int) {
    defer { lines = [] }
    guard let first = lines.first else { return }
    let hanging = first.hasPrefix("- ") ? indentation + 2 : indentation
    paragraph(lines.joined(separator: " "), indentation: indentation, hanging: hanging)
  }

  /// Adds a paragraph, its first line indented differently from the others.
  mutating func paragraph(_ source: String, indentation: Int, hanging: Int) {
    var line = String(repeating: " ", count: indentation)
    var length = indentation
    var isEmpty = true
    for word in source.split(separator: " ") {
      if !isEmpty, length + 1 + word.count > width {
        self.line(line)
        line = String(repeating: " ", count: hanging)
        (length, isEmpty) = (hanging, true)
      }
      line += (isEmpty ? "" : " ") + word
      length += (isEmpty ? 0 : 1) + word.count
      isEmpty = false
    }
    self.line(line)
  }
}
