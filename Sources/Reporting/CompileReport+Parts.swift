import BoundAlgebra
import Diagnostics
import Enclosure
import LipschitzBounds
import ModelIR

extension CompileReport.Region {
  var gain: Double { joint.value > 0 ? separate.value / joint.value : 1 }

  var json: JSONValue {
    [
      "name": .string(name), "upper": .number(joint.value),
      "separate": .number(separate.value),
    ]
  }
}

extension ComposedBounds.DerivationStep {
  func name(_ model: Model) -> String {
    position == 0 ? "1" : "L(\(model.nodes[position - 1].name))"
  }

  func json(_ model: Model) -> JSONValue {
    [
      "bound": .string(name(model)), "expression": .string("\(expression)"),
      "composition": .string(composition.rawValue), "upper": .number(best.upper.value),
      "lower": .number(best.lower.value),
    ]
  }
}

extension LinearOperator {
  /// The operator's own norm.
  func norm(_ norms: OperatorNorms) -> UpperBound {
    closedNorm?.upper ?? norms[NormSymbol(name)].upper
  }
}

extension CompileReport.Row {
  var json: JSONValue {
    [
      "name": .string(node.name), "kind": .string(node.kind),
      "line": .integer(node.span.line), "column": .integer(node.span.column),
      "input": .array((node.inputShapes.first ?? []).map { .integer($0) }),
      "inputs": .array(node.inputShapes.map { .array($0.map { .integer($0) }) }),
      "output": .array(node.outputShape.map { .integer($0) }),
      "parameters": .integer(parameters),
      "bound": [
        "expression": .string("\(expression)"), "upper": .number(upper.value),
        "lower": lower.json(below: upper), "method": .string(method),
      ],
    ]
  }
}

extension LowerBound {
  /// The bound, or null where none was computed for a norm that may not be 0.
  func json(below upper: UpperBound) -> JSONValue {
    value > 0 || upper.value == 0 ? .number(value) : .null
  }
}
