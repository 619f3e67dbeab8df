import Attacks
import Diagnostics

extension AttackResults {
  /// The entries `attacks` and, with a chain, `tightness`.
  var json: [(String, JSONValue)] {
    let attacks = rows.map { row -> JSONValue in
      [
        "name": .string(row.name), "radius": .string(row.radius), "value": .number(row.value),
        "accuracy": .number(row.accuracy),
      ]
    }
    var entries: [(String, JSONValue)] = [("attacks", .array(attacks))]
    if let chain { entries.append(("tightness", chain.json)) }
    return entries
  }
}

extension TightnessChain {
  /// Medians of the four numbers and of their ratios; null where no point has them.
  fileprivate var json: JSONValue {
    [
      "points": .integer(points.count),
      "a_certified": .number(median(\.certified)), "b_global": .number(median(\.global)),
      "c_local": .number(median(\.local)), "d_attack": .number(median(\.attack)),
      "ab": .number(median { $0.global / $0.certified }),
      "bc": .number(median { $0.local / $0.global }),
      "cd": .number(median { $0.attack / $0.local }),
      "ad": .number(median { $0.attack / $0.certified }),
    ]
  }

  /// The numbers and ratios for a terminal.
  var table: Table {
    var table = Table([
      ("tightness", .left), ("median", .right), ("ratio to previous row", .right), ("", .left),
    ])
    func ratio(_ number: (Point) -> Double) -> String { NumberText.significant(median(number)) }
    table.append([
      "A", NumberText.significant(median(\.certified), .down), "", "certified radius",
    ])
    table.append([
      "B", NumberText.significant(median(\.global)), ratio { $0.global / $0.certified },
      "estimate: margin / sampled global constant",
    ])
    table.append([
      "C", NumberText.significant(median(\.local)), ratio { $0.local / $0.global },
      "estimate: margin / sampled local constant",
    ])
    table.append([
      "D", NumberText.significant(median(\.attack), .up), ratio { $0.attack / $0.local },
      "nearest adversarial example found",
    ])
    table.append(["D / A", "", ratio { $0.attack / $0.certified }, "over \(points.count) points"])
    return table
  }
}
