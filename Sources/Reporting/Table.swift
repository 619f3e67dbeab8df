import Diagnostics

/// A text table with aligned columns.
struct Table {
  enum Alignment: Sendable {
    case left, right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [(cells: [String], look: TextStyle.Look?)] = []
  private static let longestCell = 1000

  init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  /// Missing cells are empty; what a terminal would act on is replaced.
  ///
  /// - Parameter look: how the last cell stands out.
  mutating func append(_ cells: [String], look: TextStyle.Look? = nil) {
    let cells = cells.map { $0.excerpt(atMost: Self.longestCell) }
    let missing = Array(repeating: "", count: max(0, columns.count - cells.count))
    rows.append((cells + missing, look))
  }

  /// The lines without looks.
  var text: String { text(.plain) }

  /// The lines, each indented by two spaces, without trailing spaces.
  func text(_ style: TextStyle) -> String {
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0.cells[column] }).map(\.count).max() ?? 0
    }
    let rule = widths.map { String(repeating: "─", count: $0) }
    let lines = [(columns.map(\.title), nil), (rule, nil)] + rows
    return lines.map { cells, look in
      let padded = columns.indices.map { column in
        let blank = String(repeating: " ", count: widths[column] - cells[column].count)
        return columns[column].alignment == .left ? cells[column] + blank : blank + cells[column]
      }
      let last = style((padded.last ?? "").trimmingTrailingBlanks, look)
      return "  " + (padded.dropLast() + [last]).joined(separator: "  ").trimmingTrailingBlanks
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
