import BoundAlgebra
import Compiler
import Diagnostics
import Enclosure
import ModelIR

extension CompileReport {
  /// The keys of the contract, and others beside them.
  public var json: JSONValue {
    guard let explanation, case .object(var entries) = facts else { return facts }
    entries["explanation"] = explanation.json
    return .object(entries)
  }

  private var facts: JSONValue {
    [
      "lmtc": .string(Product.version),
      "name": .string(model.name),
      "parameters": .integer(model.parameterCount),
      "weights": weights.json,
      "layers": .array(rows.map(\.json)),
      "lipschitz": [
        "expression": .string(expression), "upper": .number(network.upper.value),
        "lower": network.lower.json(below: network.upper),
        "composition": .string(composition.rawValue),
        "product": [
          "expression": .string("\(bounds.network)"), "upper": .number(product.value),
        ],
        "derivation": .array(derivation.dropLast().map { $0.json(model) }),
      ],
      "regions": .array(regions.map(\.json)),
      "pairwise": [
        "expression": .string(pairwise.expression), "upper": .number(pairwise.upper.value),
      ],
      "requirements": .array(
        requirements.map { ["text": .string($0.text), "verdict": .string($0.verdict)] }),
      "diagnostics": .array(diagnostics.map(\.json)),
    ]
  }
}
