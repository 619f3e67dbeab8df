import Diagnostics

/// One HTML file that shows a run, or several beside each other: it needs no network, no scripts, and no other
/// file.
public struct ReportPage {
  private let runs: [RunRecord]
  /// The runs beside each other, if they are several.
  private let comparison: Comparison?

  /// A page of at least one run; throws `file.…` where the folder of one of several lacks its spec.
  public init(_ runs: [RunRecord]) throws(Failure) {
    precondition(!runs.isEmpty)
    self.runs = runs
    comparison = runs.count > 1 ? try Comparison(runs) : nil
  }

  /// Every plot of the page as a file of its own: SVG and CSV, by name.
  public var plotFiles: [(name: String, text: String)] {
    RunRecord.plots(of: runs).flatMap {
      [("\($0.name).svg", $0.file), ("\($0.name).csv", $0.csv)]
    }
  }

  /// The file.
  public var html: String {
    let head = Markup.node(
      "head", [:],
      [
        .node("meta", ["charset": "utf-8"]),
        .node("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        // Even if escaping failed, nothing could be loaded or run.
        .node(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
          ]),
        .node("title", [:], title), .node("style", [:], PageStyle.page),
      ])
    let body = Markup.node("body", [:], [header, .node("main", [:], sections)])
    return "<!DOCTYPE html>\n" + Markup.node("html", ["lang": "en"], [head, body]).html + "\n"
  }

  private var heading: String { runs.count == 1 ? runs[0].name : "\(runs.count) runs" }
  private var title: String { heading + " · lmtc report" }

  private var header: Markup {
    let counts = Set(runs.map { "\(NumberText.grouped($0.points.count)) test points" })
    return .node(
      "header", [:],
      [
        .node("h1", [:], heading),
        .node("p", ["class": "note"], counts.sorted().joined(separator: ", ")),
      ])
  }

  private var sections: [Markup] {
    let plots = RunRecord.plots(of: runs)
    let accuracy = plots.first { $0.name == "accuracy" }
    var sections = [comparison.map(section) ?? RunSections(runs[0]).summary]
    if let accuracy { sections.append(accuracySection(accuracy)) }
    for (run, name) in zip(runs, runs.names) {
      if runs.count > 1 { sections.append(.node("h1", [:], name)) }
      sections += RunSections(run).details
    }
    return sections
  }

  private func accuracySection(_ plot: Plot) -> Markup {
    .section(
      "Accuracy against radius",
      [
        plot.figure,
        .note(
          "Certified: proved for every perturbation of that ℓ2 norm. Dashed lines are for comparison: "
            + "attacks bound the true robust accuracy from above; the nearest neighbor's certificates "
            + "need no network; at the ceiling the nearest sample of another class is twice the radius "
            + "away, so no network is certified at both."),
      ])
  }

  private func section(_ comparison: Comparison) -> Markup {
    var table = PageTable(
      "Runs beside each other",
      comparison.titles.enumerated().map { $0 < comparison.wordColumns ? .text($1) : .number($1) })
    for row in comparison.rows { table.append(comparison.cells(row)) }
    return .section("Comparison", [table.markup])
  }
}

extension Markup {
  static func section(_ title: String, _ content: [Markup]) -> Markup {
    .node("section", [:], [.node("h2", [:], title)] + content)
  }

  static func note(_ text: String) -> Markup { .node("p", ["class": "note"], text) }
}

extension RunRecord {
  func percent(_ share: JSONValue?, _ rounding: NumberText.Rounding = .nearest) -> String {
    share?.number.map { NumberText.percent($0, rounding) } ?? "—"
  }

  /// The median certified radius.
  var medianRadius: String { number(result["radius"]?["median"], .down) ?? "—" }

  /// The bound on the network's constant; JSON does not have infinite ones.
  var lipschitz: String { number(result["lipschitz"]?["upper"], .up) ?? "∞" }

  private func number(_ value: JSONValue?, _ rounding: NumberText.Rounding) -> String? {
    value?.number.map { NumberText.significant($0, rounding) }
  }
}
