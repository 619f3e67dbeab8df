import Diagnostics
import Glibc
import ModelIR

/// The parts of a page that are about one run.
struct RunSections {
  private let run: RunRecord
  private var result: JSONValue { run.result }

  init(_ run: RunRecord) { self.run = run }

  /// Everything after the summary and the plot of accuracy.
  var details: [Markup] {
    [requirements, layers, training, radii, SampleSection(run).markup, confusion, provenance]
      .compactMap(\.self)
  }

  /// The numbers to look at first.
  var summary: Markup {
    var cards = [card(run.percent(result["clean_accuracy"]), "clean accuracy, measured")]
    for row in result["certified_accuracy"]?.elements ?? [] {
      cards.append(
        card(
          run.percent(row["accuracy"], .down), "certified at radius \(row["radius"]?.string ?? "")")
      )
    }
    cards += [
      card(run.medianRadius, "median certified radius"),
      card(run.lipschitz, "bound on the Lipschitz constant"),
    ]
    if let distance = result["wasserstein"]?["lower"]?.number {
      let number = "≥ \(NumberText.significant(distance, .down))"
      cards.append(card(number, "Wasserstein distance between the two classes' samples"))
    }
    return .section("Result", [.node("div", ["class": "cards"], cards)])
  }

  private func card(_ number: String, _ meaning: String) -> Markup {
    .node("div", ["class": "card"], [.node("b", [:], number), .node("span", [:], meaning)])
  }

  private var requirements: Markup? {
    var table = PageTable(
      "Requirements", [.text("requirement"), .number("measured"), .text("verdict")])
    for row in result["requirements"]?.elements ?? [] {
      let verdict = row["verdict"]?.string ?? ""
      table.append([
        .node("span", ["class": "code"], row["text"]?.string ?? ""),
        .text(RequirementSpec.measured(row) ?? "—"),
        .node("span", ["class": verdict == "fails" ? "fails" : "holds"], verdict),
      ])
    }
    return table.isEmpty ? nil : .section("Requirements", [table.markup])
  }

  private var training: Markup? {
    let plots = run.trainingPlots
    guard !plots.isEmpty else { return nil }
    return .section("Training", [.node("div", ["class": "plots"], plots.map(\.figure))])
  }

  private var radii: Markup? {
    run.histogram.isEmpty ? nil : .section("Certified radii", [run.histogram.figure])
  }

  private var layers: Markup? {
    let rows = result["layers"]?.elements ?? []
    guard !rows.isEmpty else { return nil }
    let logarithms = rows.map { row in
      row["bound"]?["upper"]?.number.flatMap { $0 > 0 && $0.isFinite ? log2($0) : nil } ?? 0
    }
    let total = logarithms.reduce(0, +)
    var table = PageTable(
      "Layers",
      [
        .text("layer"), .text("output"), .number("parameters"), .number("constant ≤"),
        .number("≥"), .number("upper / lower"), .number("share of log L"), .text(""),
      ])
    for (row, logarithm) in zip(rows, logarithms) {
      let share = total > 1e-9 ? logarithm / total : nil
      let width = Int((max(0, min(1, share ?? 0)) * 100).rounded())
      let bar = Markup.node("span", ["class": "bar", "style": "width:\(width)px"])
      table.append(
        layerCells(row) + [
          .text(share.map { NumberText.percent($0) } ?? "—"), width > 0 ? bar : .text(""),
        ])
    }
    return .section(
      "Layers",
      [
        table.markup,
        .note(
          "Constant: the layer's own Lipschitz constant, proved. Upper / lower: how far the proved "
            + "bound can be from the true one; 1 is exact. Share: of the logarithm of the product of "
            + "the layers' constants, so a layer with a large share is where a smaller norm helps most."
        ),
      ])
  }

  private func layerCells(_ row: JSONValue) -> [Markup] {
    let output = (row["output"]?.elements ?? []).compactMap(\.integer).map(String.init)
    let (upper, lower) = (row["bound"]?["upper"]?.number, row["bound"]?["lower"]?.number)
    var ratio: Double?
    if let upper, let lower, lower > 0 { ratio = upper / lower }
    return [
      row["name"]?.string ?? "", output.joined(separator: "×"),
      row["parameters"]?.integer.map(NumberText.grouped) ?? "",
      upper.map { NumberText.significant($0, .up) } ?? "∞",
      lower.map { NumberText.significant($0, .down) } ?? "—",
      ratio.map { NumberText.fixed($0, digits: 4, .up) } ?? "—",
    ].map(Markup.text)
  }

  /// Rows are labels, columns predictions.
  private var confusion: Markup? {
    let classes = (run.points.map { max($0.label, $0.predicted) }.max() ?? -1) + 1
    guard (2...40).contains(classes) else { return nil }
    var counts = [[Int]](repeating: .init(repeating: 0, count: classes), count: classes)
    for point in run.points where point.label >= 0 && point.predicted >= 0 {
      counts[point.label][point.predicted] += 1
    }
    let names = (0..<classes).map {
      Markup.node("th", ["scope": "col", "class": "number"], "\($0)")
    }
    let head = Markup.node("tr", [:], [.node("th", ["scope": "col"], "label")] + names)
    let rows = counts.enumerated().map { label, row in
      let total = max(1, row.reduce(0, +))
      let cells = row.map { count -> Markup in
        let share = "--share:\(count * 70 / total)%"
        return .node("td", ["style": share], count == 0 ? "" : NumberText.grouped(count))
      }
      return Markup.node("tr", [:], [.node("th", ["scope": "row"], "\(label)")] + cells)
    }
    let table = Markup.node(
      "table", ["class": "heat"], [.node("thead", [:], [head]), .node("tbody", [:], rows)])
    return .section(
      "Predictions of each class",
      [.scrolling("Confusion matrix", table), .note("Rows are labels, columns predicted classes.")])
  }

  private var provenance: Markup? {
    guard let provenance = result["provenance"] else { return nil }
    var table = PageTable("Provenance", [.text("what"), .text("value")])
    func add(_ name: String, _ value: JSONValue?) {
      guard let value, value != .null, value != .array([]) else { return }
      let text = value.string ?? value.elements?.compactMap(\.string).joined(separator: "\n")
      table.append([.text(name), .node("span", ["class": "code"], text ?? value.text)])
    }
    add("lmtc", provenance["lmtc"])
    add("spec", provenance["spec"]?["path"])
    add("SHA-256 of the spec", provenance["spec"]?["sha256"])
    for file in provenance["network"]?.elements ?? [] {
      add("network", file["path"])
      add("SHA-256 of the network", file["sha256"])
    }
    add("overrides", provenance["overrides"])
    for name in ["seed", "threads", "device", "date"] { add(name, provenance[name]) }
    add("epochs", result["train"]?["epochs"])
    add("seconds of training", result["train"]?["seconds"])
    add("seconds of certification", result["certification"]?["seconds"])
    return .section("Provenance", [table.markup])
  }
}
