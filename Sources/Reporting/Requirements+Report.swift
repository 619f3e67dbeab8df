import Certification
import Diagnostics
import ModelIR

extension Requirements {
  var json: JSONValue {
    .array(
      decisions.map {
        [
          "text": .string($0.requirement.text), "verdict": .string($0.verdict.rawValue),
          "measured": .optional($0.measured),
        ]
      })
  }

  var table: Table {
    let isMeasured = decisions.contains { $0.measured != nil }
    var table = Table(
      [("requirement", .left)] + (isMeasured ? [("measured", .right)] : []) + [("verdict", .left)])
    for decision in decisions {
      let measured = decision.measured.map { NumberText.significant($0) } ?? ""
      table.append(
        [decision.requirement.text] + (isMeasured ? [measured] : []) + [decision.verdict.rawValue])
    }
    return table
  }
}
