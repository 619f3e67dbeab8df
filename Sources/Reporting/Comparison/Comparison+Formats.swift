import Diagnostics

extension Comparison {
  /// How a comparison is written.
  public enum Format: String, Sendable, CaseIterable {
    case text, markdown, csv, latex, json
  }

  /// The comparison in a format, with a line break at its end.
  public func written(as format: Format) -> String {
    switch format {
    case .text: text
    case .markdown: markdown
    case .csv: csv
    case .latex: latex
    case .json: json.prettyText
    }
  }

  /// The columns' titles, of which the first ``wordColumns`` are of words.
  var titles: [String] { ["run"] + paths + ["runs"] + quantities.map(\.title) }

  var wordColumns: Int { 1 + paths.count }

  /// The cells of a row as a person reads them.
  func cells(_ row: Row) -> [String] {
    [row.name] + row.settings.map { $0 ?? "—" } + ["\(row.runs.count)"]
      + quantities.map { $0.text(row.measured($0.value)) }
  }

  /// No cell is longer, in characters.
  private static let longestCell = 1000

  private var text: String {
    var table = Table(
      titles.enumerated().map { ($1, $0 < wordColumns ? .left : .right) })
    for row in rows { table.append(cells(row)) }
    return table.text + "\n"
  }

  private var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    func escaped(_ text: String) -> String {
      text.excerpt(atMost: Self.longestCell).replacing("\\", with: "\\\\").replacing(
        "|", with: "\\|"
      ).replacing("<", with: "&lt;")
    }
    let rule = titles.indices.map { $0 < wordColumns ? "---" : "---:" }
    return line(titles.map(escaped)) + line(rule)
      + rows.map { line(cells($0).map(escaped)) }.joined()
  }

  /// Means and deviations in columns of their own, in numbers that read back exactly.
  private var csv: String {
    let titles =
      ["run"] + paths + ["runs"] + quantities.flatMap { [$0.title, "\($0.title) deviation"] }
    let lines = rows.map { row in
      [row.name] + row.settings.map { $0 ?? "" } + ["\(row.runs.count)"]
        + quantities.flatMap { quantity in
          let measured = row.measured(quantity.value)
          return [measured.mean, measured.deviation].map { $0.map { "\($0)" } ?? "" }
        }
    }
    return ([titles] + lines).map { $0.map(Plot.cell).joined(separator: ",") + "\n" }.joined()
  }

  private var latex: String {
    let columns = titles.indices.map { $0 < wordColumns ? "l" : "r" }.joined()
    func line(_ cells: [String]) -> String {
      "  " + cells.joined(separator: " & ") + " \\\\\n"
    }
    let body = rows.map { row in
      line(cells(row).map(Self.escaped))
    }
    return "\\begin{tabular}{\(columns)}\n  \\hline\n" + line(titles.map(Self.escaped))
      + "  \\hline\n" + body.joined() + "  \\hline\n\\end{tabular}\n"
  }

  /// Characters that LaTeX would not print.
  private static func escaped(_ text: String) -> String {
    text.excerpt(atMost: longestCell).unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\textbackslash{}"
      case "{", "}", "$", "&", "#", "%", "_": "\\\(scalar)"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "—": "--"
      case "±": "$\\pm$"
      default: "\(scalar)"
      }
    }.joined()
  }

  private var json: JSONValue {
    [
      "paths": .array(paths.map { .string($0) }),
      "rows": .array(
        rows.map { row in
          let settings = zip(paths, row.settings).map { ($0, JSONValue.optional($1)) }
          let numbers = quantities.map { quantity -> (String, JSONValue) in
            let measured = row.measured(quantity.value)
            return (
              quantity.title,
              [
                "mean": .optional(measured.mean), "deviation": .optional(measured.deviation),
                "values": .array(measured.values.map { .number($0) }),
              ]
            )
          }
          return [
            "run": .string(row.name),
            "folders": .array(row.runs.map { .string($0.folder.path) }),
            "settings": .object(.init(uniqueKeysWithValues: settings)),
            "runs": .integer(row.runs.count),
            "quantities": .object(.init(uniqueKeysWithValues: numbers)),
          ]
        }),
      "diagnostics": [],
    ]
  }
}
