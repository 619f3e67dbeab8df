import BoundAlgebra
import Certification
import Compiler
import Diagnostics
import Enclosure
import LipschitzBounds
import ModelIR

/// What `lmtc compile` reports about a spec: layers, bounds, requirements.
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
      case .initial: "for the seeded initial weights"
      case .file(let path): "for the weights in \(path)"
      }
    }
  }

  private struct Row {
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

  /// A linear region: several layers bounded as one operator.
  private struct Region {
    let name: String
    let joint: UpperBound
    let expression: BoundExpr
    let separate: UpperBound

    var gain: Double { joint.value > 0 ? separate.value / joint.value : 1 }

    var json: JSONValue {
      [
        "name": .string(name), "upper": .number(joint.value),
        "separate": .number(separate.value), "separate_expression": .string("\(expression)"),
      ]
    }
  }

  private let model: Model
  private let precision: Precision
  private let bounds: ModelBounds
  private let rows: [Row]
  private let regions: [Region]
  private let product: UpperBound
  private let network: ComposedBounds.Candidate
  private let composition: Composition
  private let derivation: ComposedBounds.Derivation
  private let weights: Weights
  private let explanation: BoundExplanation?
  private let requirements: Requirements
  private let diagnostics: [Diagnostic]

  /// A report; `numbers` are the bounds for the weights that `weights` names.
  public init(
    compilation: Compilation, numbers: NetworkBounds, weights: Weights, explainsBounds: Bool,
    requirements: Requirements, diagnostics: [Diagnostic]
  ) {
    let (norms, composed) = (numbers.norms, numbers.composed)
    model = compilation.model
    precision = compilation.spec.certify.precision
    bounds = compilation.bounds
    product = bounds.network.evaluate { norms[$0].upper }
    network = composed.network(of: model)
    composition = composed.composition(of: model)
    derivation = composed.derivation(of: model)
    regions = bounds.regions.compactMap { region in
      guard let joint = composed.norms[NormSymbol(region.name)] else { return nil }
      let separate = region.layerByLayer.evaluate { norms[$0].upper }
      return Region(
        name: region.name, joint: joint.upper, expression: region.layerByLayer,
        separate: separate)
    }
    rows = zip(compilation.model.nodes, compilation.bounds.own).map { node, own in
      let symbol = own.symbols.first
      return Row(
        node: node, expression: own, upper: own.evaluate { norms[$0].upper },
        lower: own.evaluateLower { norms[$0].lower },
        method: symbol.map { norms[$0].method } ?? "closed form")
    }
    explanation =
      explainsBounds
      ? BoundExplanation(compilation.model, compilation.bounds, numbers) : nil
    self.weights = weights
    self.requirements = requirements
    self.diagnostics = diagnostics
  }

  /// The report as data.
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
      "precision": .string(precision.rawValue),
      "layers": .array(rows.map(\.json)),
      "lipschitz": [
        "expression": .string(expression), "upper": .number(network.upper.value),
        "lower": network.lower.json(below: network.upper),
        "composition": .string(composition.rawValue),
        "product": [
          "expression": .string("\(bounds.network)"), "upper": .number(product.value),
        ],
        "derivation": .array(derivation.network.dropLast().map { $0.json(model) }),
      ],
      "regions": .array(regions.map(\.json)),
      "pairwise": [
        "expression": .string("\(derivation.difference.expression)"),
        "upper": .number(derivation.difference.upper.value),
        "pair": derivation.difference.pair.map { [.integer($0.i), .integer($0.j)] } ?? .null,
        "derivation": .array(derivation.further.map { $0.json(model) }),
      ],
      "requirements": requirements.json,
      "diagnostics": .array(diagnostics.map(\.json)),
    ]
  }

  /// The network's bound in terms of norms and of the bounds in the derivation.
  private var expression: String { derivation.network.last.map { "\($0.expression)" } ?? "1" }

  /// The bound's value at lower bounds on the norms, where all of them have one.
  private var tightness: String {
    guard network.lower.value > 0 else { return "" }
    return " (\(NumberText.significant(network.lower.value, .down)) with lower bounds on the norms)"
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
      + networkText + pairwiseText + precisionText
    if let explanation { summary += "\n\(explanation.text)" }
    if !regions.isEmpty { summary += "\n\(regionTable.text)\n" }
    if !requirements.decisions.isEmpty { summary += "\n\(requirements.table.text)\n" }
    return summary
  }

  private var networkText: String {
    var lines = derivation.network.dropLast().map { "            \($0.text(model))" }
    lines.append("            L = \(expression)")
    lines[0] = "  network " + lines[0].dropFirst(10)
    let value = NumberText.significant(network.upper.value, .up)
    lines.append("            L ≤ \(value)\(tightness) \(weights.text)")
    if network.upper < product {
      let whole = NumberText.significant(product.value, .up)
      let share = NumberText.significant(network.upper.value / product.value)
      lines.append(
        "            \(share) times the product of norms, \(whole) (composition: \(composition.rawValue))"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var pairwiseText: String {
    let difference = derivation.difference
    var lines = derivation.further.map { "            \($0.text(model))" }
    let pair = difference.pair.map { " for i = \($0.i), j = \($0.j), the largest" } ?? ""
    let value = NumberText.significant(difference.upper.value, .up)
    lines.append("            \(difference.expression) ≤ \(value)\(pair)")
    lines[0] = "  pairwise" + lines[0].dropFirst(10)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Which execution certificates are about, where that is not the engine's.
  private var precisionText: String {
    switch precision {
    case .float32: ""
    case .float64: "  execution certified in float64\n"
    }
  }

  private var regionTable: Table {
    var table = Table([
      ("linear region", .left), ("joint norm ≤", .right), ("layer by layer", .left),
      ("≤", .right), ("gain", .right),
    ])
    for region in regions {
      table.append([
        region.name, NumberText.significant(region.joint.value, .up), "\(region.expression)",
        NumberText.significant(region.separate.value, .up),
        NumberText.significant(region.gain) + "×",
      ])
    }
    return table
  }
}

extension ComposedBounds.DerivationStep {
  fileprivate func name(_ model: Model) -> String {
    position == 0 ? "1" : "L(\(model.nodes[position - 1].name))"
  }

  fileprivate func text(_ model: Model) -> String {
    "\(name(model)) = \(expression) ≤ \(NumberText.significant(best.upper.value, .up))"
  }

  fileprivate func json(_ model: Model) -> JSONValue {
    [
      "bound": .string(name(model)), "expression": .string("\(expression)"),
      "composition": .string(composition.rawValue), "upper": .number(best.upper.value),
      "lower": .number(best.lower.value),
    ]
  }
}

extension LowerBound {
  /// The bound, or null where none was computed for a norm that may not be 0.
  fileprivate func json(below upper: UpperBound) -> JSONValue {
    value > 0 || upper.value == 0 ? .number(value) : .null
  }
}
