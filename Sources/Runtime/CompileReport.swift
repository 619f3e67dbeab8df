import BoundAlgebra
import Catalog
import Compiler
import Diagnostics
import Enclosure
import ModelIR

/// What `lmtc compile` says of a spec: layers, bounds, requirements.
public struct CompileReport {
  /// Where the numbers of the norms come from.
  public enum Weights: Sendable {
    /// The seeded initial weights.
    case initial
    /// A file.
    case file(String)

    var json: JSONValue {
      switch self {
      case .initial: "initial"
      case .file(let path): .string(path)
      }
    }

    var text: String {
      switch self {
      case .initial: "of the seeded initial weights"
      case .file(let path): "of \(path)"
      }
    }
  }

  /// A layer's row.
  struct Row {
    let node: Model.Node
    let expression: BoundExpr
    let upper: UpperBound
    let lower: LowerBound
    let method: String

    var parameters: Int {
      node.parameters.reduce(0) {
        $1.role == .statistic ? $0 : $0 + $1.shape.reduce(1, *)
      }
    }
  }

  private let model: Model
  private let bounds: ModelBounds
  private let rows: [Row]
  private let network: (upper: UpperBound, lower: LowerBound)
  private let pairwise: (expression: String, upper: UpperBound)
  private let weights: Weights
  private let requirements: [(text: String, verdict: String)]
  private let diagnostics: [Diagnostic]

  /// Collects the facts; `norms` are those of the weights named by `weights`.
  init(
    compilation: Compilation, norms: OperatorNorms, differences: DifferenceBounds,
    weights: Weights, requirements: [(text: String, verdict: String)], diagnostics: [Diagnostic]
  ) {
    model = compilation.model
    bounds = compilation.bounds
    rows = zip(compilation.model.nodes, compilation.bounds.own).map { node, own in
      let symbol = own.symbols.first
      return Row(
        node: node, expression: own, upper: own.evaluate { norms[$0].upper },
        lower: own.evaluateLower { norms[$0].lower },
        method: symbol.map { norms[$0].method } ?? "closed form")
    }
    network = (
      bounds.network.evaluate { norms[$0].upper }, bounds.network.evaluateLower { norms[$0].lower }
    )
    let before = bounds.head.map { $0.before }
    let rowsText = before.map { $0 == .one ? "‖wᵢ − wⱼ‖" : "\($0)·‖wᵢ − wⱼ‖" }
    pairwise = (rowsText ?? "√2·\(bounds.network)", differences.largest)
    self.weights = weights
    self.requirements = requirements
    self.diagnostics = diagnostics
  }

  /// The keys of the contract, and `weights` beside them.
  public var json: JSONValue {
    [
      "lmtc": .string(Product.version),
      "name": .string(model.name),
      "parameters": .integer(model.parameterCount),
      "weights": weights.json,
      "layers": .array(rows.map(\.json)),
      "lipschitz": [
        "expression": .string("\(bounds.network)"), "upper": .number(network.upper.value),
        "lower": network.lower.json(below: network.upper), "composition": "product",
      ],
      "pairwise": [
        "expression": .string(pairwise.expression), "upper": .number(pairwise.upper.value),
      ],
      "requirements": .array(
        requirements.map { ["text": .string($0.text), "verdict": .string($0.verdict)] }),
      "diagnostics": .array(diagnostics.map(\.json)),
    ]
  }

  /// What the norms are at least, where lower bounds were computed for all of them.
  private var tightness: String {
    guard network.lower.value > 0 else { return "," }
    return " (norms alone: ≥ \(NumberText.significant(network.lower.value, .down))),"
  }

  /// The table for standard output.
  public var text: String {
    var layers = Table([
      ("line", .right), ("layer", .left), ("output", .left), ("parameters", .right),
      ("Lipschitz constant", .left), ("≤", .right), ("method", .left),
    ])
    for row in rows {
      layers.append([
        "\(row.node.span.line)", row.node.name,
        row.node.outputShape.map(String.init).joined(separator: "×"),
        row.parameters == 0 ? "" : NumberText.grouped(row.parameters), "\(row.expression)",
        NumberText.significant(row.upper.value, .up), row.method,
      ])
    }
    var summary =
      "\(model.name): \(NumberText.grouped(model.parameterCount)) parameters\n\n\(layers.text)\n\n"
      + "  network   L = \(bounds.network)\n"
      + "            L ≤ \(NumberText.significant(network.upper.value, .up))"
      + "\(tightness) \(weights.text)\n"
      + "  pairwise  \(pairwise.expression)"
      + " ≤ \(NumberText.significant(pairwise.upper.value, .up))\n"
    if !requirements.isEmpty {
      var table = Table([("requirement", .left), ("verdict", .left)])
      for requirement in requirements { table.append([requirement.text, requirement.verdict]) }
      summary += "\n\(table.text)\n"
    }
    return summary
  }
}

extension CompileReport.Row {
  fileprivate var json: JSONValue {
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
  fileprivate func json(below upper: UpperBound) -> JSONValue {
    value > 0 || upper.value == 0 ? .number(value) : .null
  }
}
