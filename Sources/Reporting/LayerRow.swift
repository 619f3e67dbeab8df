import BoundAlgebra
import Certification
import Diagnostics
import Enclosure
import LipschitzBounds
import ModelIR

/// A layer with its own Lipschitz constant, as `compile` and `result.json` show it.
struct LayerRow {
  let node: Model.Node
  let expression: BoundExpr
  /// nil without weights.
  let norm: (upper: UpperBound, lower: LowerBound, method: String)?

  var parameters: Int {
    node.parameters.reduce(0) {
      $1.role == .statistic ? $0 : $0 + $1.shape.reduce(1, *)
    }
  }

  var json: JSONValue {
    [
      "name": .string(node.name), "kind": .string(node.kind),
      "line": .integer(node.span.line), "column": .integer(node.span.column),
      "input": .array((node.inputShapes.first ?? []).map { .integer($0) }),
      "inputs": .array(node.inputShapes.map { .array($0.map { .integer($0) }) }),
      "output": .array(node.outputShape.map { .integer($0) }),
      "parameters": .integer(parameters),
      "bound": [
        "expression": .string("\(expression)"),
        "upper": norm.map { .number($0.upper.value) } ?? .null,
        "lower": norm.map { $0.lower.json(below: $0.upper) } ?? .null,
        "method": .optional(norm?.method),
      ],
    ]
  }

  /// A layer's constant from the norms of operators.
  static func norm(
    _ own: BoundExpr, _ norms: OperatorNorms
  ) -> (upper: UpperBound, lower: LowerBound, method: String) {
    (
      own.evaluate { norms[$0].upper }, own.evaluateLower { norms[$0].lower },
      own.symbols.first.map { norms[$0].method } ?? "closed form"
    )
  }
}
