import BoundAlgebra
import Certification
import Diagnostics
import Enclosure
import LipschitzBounds
import ModelIR

/// The bounds of the network and of differences of logits in the report of `lmtc compile`.
enum NetworkSection {
  /// For some weights.
  case evaluated(EvaluatedNetwork)
  /// In norms alone.
  case symbolic(SymbolicNetwork)
  /// For every weight that training can reach.
  case promised(PromisedNetwork)

  var lipschitz: JSONValue {
    switch self {
    case .evaluated(let network): network.lipschitz
    case .symbolic(let network): network.lipschitz
    case .promised(let network): network.lipschitz
    }
  }

  var pairwise: JSONValue {
    switch self {
    case .evaluated(let network): network.pairwise
    case .symbolic(let network): network.pairwise
    case .promised(let network): network.pairwise
    }
  }

  func networkText(_ weights: CompileReport.Weights) -> String {
    switch self {
    case .evaluated(let network): network.networkText(weights)
    case .symbolic(let network): network.networkText
    case .promised(let network): network.networkText
    }
  }

  var pairwiseText: String {
    switch self {
    case .evaluated(let network): network.pairwiseText
    case .symbolic(let network): network.pairwiseText
    case .promised(let network): network.pairwiseText
    }
  }

  /// What is to be known of numbers that are missing.
  var remark: String {
    guard case .symbolic = self else { return "" }
    return """
                without numbers: many initial weights take long and say nothing about trained ones;
                '--weights' or '--tight' computes them, and the least of all bounds

      """
  }
}

/// The bounds by the product rule, without numbers.
struct SymbolicNetwork {
  private let network: BoundExpr
  private let difference: BoundExpr

  init(_ model: Model, _ bounds: ModelBounds) {
    (network, difference) = (bounds.network, bounds.productOfDifference(of: model))
  }

  var lipschitz: JSONValue {
    [
      "expression": .string("\(network)"), "upper": .null, "lower": .null,
      "composition": .string(Composition.product.rawValue),
      "product": ["expression": .string("\(network)"), "upper": .null], "derivation": [],
    ]
  }

  var pairwise: JSONValue {
    ["expression": .string("\(difference)"), "upper": .null, "pair": .null, "derivation": []]
  }

  var networkText: String { "  network   L = \(network)\n" }

  var pairwiseText: String { "  pairwise  \(difference)\n" }
}

/// The bounds that parametrizations prove before training.
struct PromisedNetwork {
  private let model: Model
  private let rule: BoundExpr
  private let steps: [ModelBounds.PromisedStep]
  private let value: BoundExpr
  private let difference: BoundExpr

  init(_ model: Model, _ bounds: ModelBounds) {
    self.model = model
    rule = bounds.network
    steps = bounds.promisedSteps(of: model)
    value = bounds.promised ?? bounds.network
    difference = BoundExpr.product([.constant(.squareRoot(2, 1)), value]).simplified()
  }

  private func upper(_ expression: BoundExpr) -> UpperBound {
    expression.evaluate { _ in .infinity }
  }

  var lipschitz: JSONValue {
    [
      "expression": .string("\(rule)"), "upper": .number(upper(value).value), "lower": .null,
      "composition": .string(Composition.product.rawValue),
      "product": ["expression": .string("\(rule)"), "upper": .number(upper(value).value)],
      "derivation": .array(
        steps.map { step in
          [
            "bound": .string("L(\(model.nodes[step.node].name))"),
            "line": .integer(model.nodes[step.node].span.line),
            "expression": .string("\(step.expression)"),
            "composition": .string(Composition.product.rawValue),
            "upper": .number(upper(step.value).value), "lower": .null,
            "parametrizations": .array(step.parametrizations.map { .string($0) }),
          ]
        }),
    ]
  }

  var pairwise: JSONValue {
    [
      "expression": "√2·L", "upper": .number(upper(difference).value), "pair": .null,
      "derivation": [],
    ]
  }

  var networkText: String {
    var table = Table([
      ("line", .right), ("bound", .left), ("derivation", .left), ("≤", .left),
      ("for every weight by", .left),
    ])
    for step in steps {
      let node = model.nodes[step.node]
      table.append([
        "\(node.span.line)", "L(\(node.name))", "\(step.expression)", "\(step.value)",
        step.parametrizations.joined(separator: ", "),
      ])
    }
    return """
      \(table.text)

        network   L = \(rule)
                  L ≤ \(value) for every weight that training can reach

      """
  }

  var pairwiseText: String { "  pairwise  √2·L ≤ \(difference)\n" }
}

/// The bounds for some weights.
struct EvaluatedNetwork {
  private let model: Model
  private let rule: BoundExpr
  private let product: UpperBound
  private let network: ComposedBounds.Candidate
  private let composition: Composition
  private let derivation: ComposedBounds.Derivation

  init(_ model: Model, _ bounds: ModelBounds, _ numbers: NetworkBounds) {
    let composed = numbers.composed
    self.model = model
    rule = bounds.network
    product = bounds.network.evaluate { numbers.norms[$0].upper }
    network = composed.network(of: model)
    composition = composed.composition(of: model)
    derivation = composed.derivation(of: model)
  }

  var lipschitz: JSONValue {
    [
      "expression": .string(expression), "upper": .number(network.upper.value),
      "lower": network.lower.json(below: network.upper),
      "composition": .string(composition.rawValue),
      "product": ["expression": .string("\(rule)"), "upper": .number(product.value)],
      "derivation": .array(derivation.network.dropLast().map { $0.json(model) }),
    ]
  }

  var pairwise: JSONValue {
    [
      "expression": .string("\(derivation.difference.expression)"),
      "upper": .number(derivation.difference.upper.value),
      "pair": derivation.difference.pair.map { [.integer($0.i), .integer($0.j)] } ?? .null,
      "derivation": .array(derivation.further.map { $0.json(model) }),
    ]
  }

  /// The network's bound in terms of norms and of the bounds in the derivation.
  private var expression: String { derivation.network.last.map { "\($0.expression)" } ?? "1" }

  /// The bound's value at lower bounds on the norms, where all of them have one.
  private var tightness: String {
    guard network.lower.value > 0 else { return "" }
    return " (\(NumberText.significant(network.lower.value, .down)) with lower bounds on the norms)"
  }

  func networkText(_ weights: CompileReport.Weights) -> String {
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

  var pairwiseText: String {
    let difference = derivation.difference
    var lines = derivation.further.map { "            \($0.text(model))" }
    let pair = difference.pair.map { " for i = \($0.i), j = \($0.j), the largest" } ?? ""
    let value = NumberText.significant(difference.upper.value, .up)
    lines.append("            \(difference.expression) ≤ \(value)\(pair)")
    lines[0] = "  pairwise" + lines[0].dropFirst(10)
    return lines.joined(separator: "\n") + "\n"
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
