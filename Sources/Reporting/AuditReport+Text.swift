import Attacks
import Diagnostics

extension AuditReport {
  /// The table for standard output.
  public func text(_ style: TextStyle = .plain) -> String {
    var table = Table([
      ("search", .left), ("tried", .right), ("per second", .right), ("contradictions", .right),
    ])
    for phase in phases {
      let rate = phase.seconds > 0 ? Int(Double(phase.tried) / phase.seconds) : 0
      table.append([
        phase.name, NumberText.grouped(phase.tried), NumberText.grouped(rate),
        "\(phase.contradictions)",
      ])
    }
    let verdict =
      switch contradictions.count {
      case 0: "no certificate is contradicted"
      case 1: "1 contradiction found"
      case let count: "\(count) contradictions found"
      }
    let heading =
      "\(name): \(points) certified \(points == 1 ? "point" : "points") of \(precision.rawValue) execution"
    return [
      heading, table.text, constantsTable.text,
      "  " + style(verdict, contradictions.isEmpty ? .passed : .failed),
    ].joined(separator: "\n\n") + "\n"
  }

  /// Layers by name; for the logit differences only the lowest, median, and highest share.
  private var constantsTable: Table {
    var table = Table([
      ("constant", .left), ("claimed", .right), ("found", .right), ("found / claimed", .right),
    ])
    func append(_ name: String, _ constant: Constant) {
      table.append([
        name, NumberText.significant(constant.claimed, .up),
        NumberText.significant(constant.found, .down), NumberText.significant(constant.share),
      ])
    }
    var pairs: [Constant] = []
    for constant in constants {
      switch constant.claim {
      case .constant(let layer): append(layer, constant)
      case .bound(let layer): append("input … \(layer)", constant)
      case .pair: pairs.append(constant)
      case .label, .prediction, .radius: continue
      }
    }
    pairs.sort { $0.share < $1.share }
    if !pairs.isEmpty {
      let places = [("lowest", 0), ("median", (pairs.count - 1) / 2), ("highest", pairs.count - 1)]
      for (name, place) in places {
        append("\(pairs.count) logit differences, \(name)", pairs[place])
      }
    }
    return table
  }

  /// The same as data.
  public var json: JSONValue {
    let constants = JSONValue.array(
      constants.map {
        [
          "name": .string($0.claim.name), "claimed": .number($0.claimed),
          "found": .number($0.found),
        ]
      })
    return [
      "name": .string(name), "precision": .string(precision.rawValue), "points": .integer(points),
      "phases": .array(
        phases.map {
          [
            "name": .string($0.name), "tried": .integer($0.tried),
            "contradictions": .integer($0.contradictions), "seconds": .number($0.seconds),
          ]
        }),
      "constants": constants,
      "contradictions": .integer(contradictions.count),
      "diagnostics": .array(contradictions.map(\.diagnostic.json)),
    ]
  }
}
