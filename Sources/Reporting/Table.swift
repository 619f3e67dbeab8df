/// A text table with aligned columns.
struct Table {
  enum Alignment: Sendable {
    case left, right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []
  private static let longestCell = 1000

  init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

  /// Missing cells are empty; what a terminal would act on is replaced.
  mutating func append(_ cells: [String]) {
    let cells = cells.map { $0.excerpt(atMost: Self.longestCell) }
    rows.append(cells + Array(repeating: "", count: max(0, columns.count - cells.count)))
  }

  /// The lines, each indented by two spaces, without trailing spaces.
  var text: String {
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    let header = columns.map(\.title)
    let rule = widths.map { String(repeating: "─", count: $0) }
    let lines = ([header, rule] + rows).map { row in
      let cells = columns.indices.map { column in
        let blank = String(repeating: " ", count: widths[column] - row[column].count)
        return columns[column].alignment == .left ? row[column] + blank : blank + row[column]
      }
      return "  " + cells.joined(separator: "  ").trimmingTrailingBlanks
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
