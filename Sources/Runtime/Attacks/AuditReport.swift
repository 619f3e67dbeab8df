import Diagnostics

/// What an audit tried, and what it disproved.
public struct AuditReport: Sendable {
  /// One way of looking for a contradiction.
  public struct Phase: Sendable {
    /// What was done, in a word or two.
    public let name: String
    /// Points, pairs or perturbations that were tried.
    public let tried: Int
    /// Claims that were disproved.
    public let contradictions: Int
    /// Seconds spent.
    public let seconds: Double
  }

  /// A Lipschitz constant, and how near it some pair of points comes.
  public struct Constant: Sendable {
    /// What the constant is of.
    public let claim: Contradiction.Claim
    /// The constant.
    public let claimed: Double
    /// A lower bound on the rate at which the map changes between the two points.
    public let found: Double

    /// 1 where the constant is reached; 0 where nothing ever changes and that is the claim.
    var share: Double { claimed > 0 ? found / claimed : found > 0 ? .infinity : 1 }
  }

  /// The spec's name.
  public let name: String
  /// The points with a certified radius.
  public let points: Int
  /// What was tried, in order.
  public let phases: [Phase]
  /// The finite constants of the certificate.
  public let constants: [Constant]
  /// What was disproved.
  public let contradictions: [Contradiction]

  /// The table for standard output.
  var text: String {
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
  var json: JSONValue {
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
