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

  /// The spec's name.
  public let name: String
  /// The points with a certified radius.
  public let points: Int
  /// What was tried, in order.
  public let phases: [Phase]
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
    return "\(name): \(points) certified points\n\n\(table.text)\n\n  \(verdict)\n"
  }

  /// The same as data.
  var json: JSONValue {
    [
      "name": .string(name), "points": .integer(points),
      "phases": .array(
        phases.map {
          [
            "name": .string($0.name), "tried": .integer($0.tried),
            "contradictions": .integer($0.contradictions), "seconds": .number($0.seconds),
          ]
        }),
      "contradictions": .integer(contradictions.count),
      "diagnostics": .array(contradictions.map(\.diagnostic.json)),
    ]
  }
}
