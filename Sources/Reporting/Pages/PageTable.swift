import Diagnostics

/// A table of a page, in a region that scrolls by itself where the page is too narrow.
struct PageTable {
  /// What a column holds.
  enum Column {
    case text(String), number(String)

    var title: String {
      switch self {
      case .text(let title), .number(let title): title
      }
    }

    var attributes: KeyValuePairs<String, String> {
      switch self {
      case .text: ["scope": "col"]
      case .number: ["scope": "col", "class": "number"]
      }
    }
  }

  private let label: String
  private let columns: [Column]
  private var rows: [[Markup]] = []

  /// - Parameter label: what the table is about, for screen readers.
  init(_ label: String, _ columns: [Column]) { (self.label, self.columns) = (label, columns) }

  var isEmpty: Bool { rows.isEmpty }

  mutating func append(_ cells: [String]) { append(cells.map(Markup.text)) }

  mutating func append(_ cells: [Markup]) { rows.append(cells) }

  var markup: Markup {
    let head = columns.map { Markup.node("th", $0.attributes, $0.title) }
    let body = rows.map { row in
      Markup.node(
        "tr", [:],
        zip(columns, row).map { column, cell in
          switch column {
          case .text: .node("td", [:], [cell])
          case .number: .node("td", ["class": "number"], [cell])
          }
        })
    }
    let table = Markup.node(
      "table", [:],
      [
        .node("thead", [:], [.node("tr", [:], head)]),
        .node("tbody", [:], body),
      ])
    return .scrolling(label, table)
  }
}

extension Markup {
  /// A part that scrolls sideways, also by keyboard.
  static func scrolling(_ label: String, _ content: Markup) -> Markup {
    .node(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": label], [content])
  }
}
