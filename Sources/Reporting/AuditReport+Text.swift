import Attacks
import Diagnostics

extension AuditReport {
  /// The table for standard output.
  public var text: String {
    var table = Table([
      ("tried", .left), ("samples", .right), ("a second", .right), ("contradictions", .right),
    ])
    for phase in phases {
      let rate = phase.seconds > 0 ? Int(Double(phase.tried) / phase.seconds) : 0
      table.append([
        phase.name, NumberText.grouped(phase.tried), NumberText.grouped(rate),
        "\(phase.contradictions)",
      ])
    }
    let verdict =
      contradictions.isEmpty
      ? "no certificate is contradicted" : "\(contradictions.count) contradictions"
    return
      "\(name): \(points) certified points\n\n\(table.text)\n\n\(constantsTable.text)\n\n"
      + "  \(verdict)\n"
  }

  /// Layers by name; of the differences of logits the least, the median and the largest share.
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
      let places = [("least", 0), ("median", (pairs.count - 1) / 2), ("most", pairs.count - 1)]
      for (name, place) in places {
        append("\(pairs.count) differences, \(name)", pairs[place])
      }
    }
    return table
  }

  /// The same as data.
  public var json: JSONValue {
    [
      "name": .string(name), "points": .integer(points),
      "phases": .array(
        phases.map {
          [
            "name": .string($0.name), "tried": .integer($0.tried),
            "constants": .array(
              constants.map {
                [
                  "name": .string($0.claim.name), "claimed": .number($0.claimed),
                  "found": .number($0.found),
                ]
              }),
            "contradictions": .integer($0.contradictions), "seconds": .number($0.seconds),
          ]
        }),
      "constants": .array(
        constants.map {
          [
            "name": .string($0.claim.name), "claimed": .number($0.claimed),
            "found": .number($0.found),
          ]
        }),
      "contradictions": .integer(contradictions.count),
      "diagnostics": .array(contradictions.map(\.diagnostic.json)),
    ]
  }
}
