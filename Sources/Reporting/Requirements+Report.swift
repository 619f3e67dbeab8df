import Certification
import Diagnostics
import ModelIR

extension Requirements {
  var json: JSONValue {
    .array(
      decisions.map {
        ["text": .string($0.requirement.text), "verdict": .string($0.verdict.rawValue)]
      })
  }

  var table: Table {
    var table = Table([("requirement", .left), ("verdict", .left)])
    for decision in decisions {
      table.append([decision.requirement.text, decision.verdict.rawValue])
    }
    return table
  }
}
