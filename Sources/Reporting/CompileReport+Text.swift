import BoundAlgebra
import Diagnostics
import Enclosure
import ModelIR

extension CompileReport {
  /// The network's bound in norms and in what the derivation states.
  var expression: String { derivation.last.map { "\($0.expression)" } ?? "1" }

  /// The same expression at lower bounds on the norms, where all of them have one.
  private var tightness: String {
    guard network.lower.value > 0 else { return "" }
    return " (\(NumberText.significant(network.lower.value, .down)) with lower bounds on the norms)"
  }

  /// The table for standard output.
  public var text: String {
    var layers = Table([
      ("line", .right), ("layer", .left), ("output", .left), ("parameters", .right),
      ("Lipschitz constant", .left), ("≤", .right), ("method", .left),
    ])
    for row in rows {
      layers.append([
        "\(row.node.span.line)", row.node.name,
        row.node.outputShape.map(String.init).joined(separator: "×"),
        row.parameters == 0 ? "" : NumberText.grouped(row.parameters), "\(row.expression)",
        NumberText.significant(row.upper.value, .up), row.method,
      ])
    }
    var summary =
      "\(model.name): \(NumberText.grouped(model.parameterCount)) parameters\n\n\(layers.text)\n\n"
      + networkText
      + "  pairwise  \(pairwise.expression)"
      + " ≤ \(NumberText.significant(pairwise.upper.value, .up))\n"
    if let explanation { summary += "\n\(explanation.text)" }
    if !regions.isEmpty { summary += "\n\(regionTable.text)\n" }
    if !requirements.isEmpty {
      var table = Table([("requirement", .left), ("verdict", .left)])
      for requirement in requirements { table.append([requirement.text, requirement.verdict]) }
      summary += "\n\(table.text)\n"
    }
    return summary
  }

  private var networkText: String {
    var lines = derivation.dropLast().map { step in
      "            \(step.name(model)) = \(step.expression)"
        + " ≤ \(NumberText.significant(step.best.upper.value, .up))"
    }
    lines.append("            L = \(expression)")
    lines[0] = "  network " + lines[0].dropFirst(10)
    let value = NumberText.significant(network.upper.value, .up)
    lines.append("            L ≤ \(value)\(tightness) \(weights.text)")
    if network.upper < product {
      let whole = NumberText.significant(product.value, .up)
      let share = NumberText.significant(network.upper.value / product.value)
      lines.append(
        "            composed by \(composition.rawValue): \(share) of the product of norms, \(whole)"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var regionTable: Table {
    var table = Table([
      ("linear region", .left), ("jointly ≤", .right), ("separately ≤", .right), ("gain", .right),
    ])
    for region in regions {
      table.append([
        region.name, NumberText.significant(region.joint.value, .up),
        NumberText.significant(region.separate.value, .up),
        NumberText.significant(region.gain) + "×",
      ])
    }
    return table
  }
}
