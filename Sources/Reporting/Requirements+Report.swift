import Certification
import Diagnostics
import ModelIR

extension Requirements {
  var json: JSONValue {
    .array(
      decisions.map {
        [
          "text": .string($0.requirement.text), "line": .integer($0.requirement.span.line),
          "relation": .string($0.requirement.relation.rawValue),
          "verdict": .string($0.verdict.rawValue), "measured": .optional($0.measured),
        ]
      })
  }

  var table: Table {
    let isMeasured = decisions.contains { $0.measured != nil }
    var table = Table(
      [("requirement", .left)] + (isMeasured ? [("measured", .right)] : []) + [("verdict", .left)])
    for decision in decisions {
      let measured =
        decision.measured.map { decision.requirement.relation.text(measured: $0) } ?? ""
      table.append(
        [decision.requirement.text] + (isMeasured ? [measured] : []) + [decision.verdict.rawValue],
        look: decision.verdict.look)
    }
    return table
  }
}

extension Requirements.Verdict {
  fileprivate var look: TextStyle.Look {
    switch self {
    case .holds: .passed
    case .fails: .failed
    case .deferred: .undecided
    }
  }
}

extension RequirementSpec.Relation {
  /// What was measured with four digits, rounded to the side on which a line is harder to satisfy.
  func text(measured: Double) -> String {
    switch self {
    case .less, .lessOrEqual: NumberText.significant(measured, .up)
    case .greater, .greaterOrEqual: NumberText.significant(measured, .down)
    }
  }
}

extension RequirementSpec {
  /// What was measured, of a row of `result.json`.
  static func measured(_ row: JSONValue) -> String? {
    guard let measured = row["measured"]?.number,
      let relation = row["relation"]?.string.flatMap(Relation.init(rawValue:))
    else { return nil }
    return relation.text(measured: measured)
  }
}
