import BoundAlgebra
import Certification
import Diagnostics
import Enclosure
import Glibc
import LipschitzBounds
import ModelIR
import TensorGraph

/// The derivation of a network's bound and of the largest bound of a difference of two logits, a line for
/// each node that has a part in them, and the norms that occur: what `compile --explain-bounds` prints.
struct BoundExplanation {
  /// A node's line.
  struct Line {
    let node: Model.Node
    let step: ComposedBounds.DerivationStep
    /// log(L(node)/L(what it refers to))/log L(network); nil where log L(network) is 0 or not finite.
    let share: Double?
  }

  /// A number that does not follow from bounds of other nodes.
  struct Norm {
    let name: String
    /// Lines of the spec on which its layers stand.
    let lines: [Int]
    let upper: UpperBound
    /// Nil where none is computed.
    let lower: LowerBound?
    let method: String
    let reason: String
  }

  let lines: [Line]
  let norms: [Norm]

  /// Follows the winning candidates from the network's output to its input.
  init(_ model: Model, _ bounds: ModelBounds, _ numbers: NetworkBounds) {
    let composed = numbers.composed
    let steps = composed.fullDerivation(of: model)
    let total = log(composed.network(of: model).upper.value)
    lines = steps.filter { $0.position > 0 }.map { step in
      let sources = step.sources.map { composed.nodes[$0].best.upper.value }
      let ratio = step.best.upper.value / (sources.max() ?? 1)
      let share = log(ratio) / total
      return Line(
        node: model.nodes[step.position - 1], step: step, share: share.isFinite ? share : nil)
    }
    var seen: Set<NormSymbol> = []
    let difference = composed.largestDifference
    let symbols = (steps.map(\.expression) + [difference.expression]).flatMap(\.symbols)
    norms = symbols.filter { seen.insert($0).inserted }.compactMap { symbol in
      let layers = bounds.layers(named: symbol.name)
      let lines = Set(model.nodes.filter { layers.contains($0.name) }.map(\.span.line)).sorted()
      return Norm(
        symbol, lines, numbers, difference.pair, outputs: model.shape(of: model.output)[0])
    }
  }

  /// Two tables.
  var text: String {
    var derivation = Table([
      ("line", .right), ("bound", .left), ("≤", .right), ("share of log L", .right),
      ("upper/lower", .right), ("composition", .left), ("derivation", .left),
    ])
    for line in lines {
      derivation.append([
        "\(line.node.span.line)", "L(\(line.node.name))",
        NumberText.significant(line.step.best.upper.value, .up),
        line.share.map { "\(NumberText.fixed(100 * $0, digits: 1))%" } ?? "",
        Self.tightness(line.step.best.upper.value, line.step.best.lower.value),
        line.step.composition.rawValue, "\(line.step.expression)",
      ])
    }
    var operators = Table([
      ("norm", .left), ("lines", .left), ("≤", .right), ("upper/lower", .right), ("method", .left),
      ("reason", .left),
    ])
    for norm in norms {
      operators.append([
        norm.name, norm.lines.map(String.init).joined(separator: ", "),
        NumberText.significant(norm.upper.value, .up),
        norm.lower.map { Self.tightness(norm.upper.value, $0.value) } ?? "", norm.method,
        norm.reason,
      ])
    }
    return derivation.text + "\n\n" + operators.text + "\n"
  }

  /// The same as data.
  var json: JSONValue {
    [
      "derivation": .array(
        lines.map {
          [
            "bound": .string("L(\($0.node.name))"), "line": .integer($0.node.span.line),
            "composition": .string($0.step.composition.rawValue),
            "expression": .string("\($0.step.expression)"),
            "upper": .number($0.step.best.upper.value),
            "lower": .number($0.step.best.lower.value),
            "share_of_log": $0.share.map { .number($0) } ?? .null,
          ]
        }),
      "norms": .array(
        norms.map {
          [
            "norm": .string($0.name), "lines": .array($0.lines.map { .integer($0) }),
            "upper": .number($0.upper.value), "lower": .optional($0.lower?.value),
            "method": .string($0.method), "reason": .string($0.reason),
          ]
        }),
    ]
  }

  /// upper/lower, rounded up; empty where there is no lower bound.
  private static func tightness(_ upper: Double, _ lower: Double) -> String {
    guard lower > 0 else { return upper == 0 ? "1.000" : "" }
    return NumberText.significant(upper / lower, .up)
  }
}

extension BoundExplanation.Norm {
  /// Nil for the bounds of nodes.
  fileprivate init?(
    _ symbol: NormSymbol, _ lines: [Int], _ numbers: NetworkBounds, _ pair: (i: Int, j: Int)?,
    outputs: Int
  ) {
    (name, self.lines) = ("\(symbol)", lines)
    switch symbol.quantity {
    case .norm, .chain, .multipliers:
      guard let bound = numbers.norms.bounds[symbol] ?? numbers.composed.norms[symbol] else {
        return nil
      }
      (upper, method, reason) = (bound.upper, bound.method, bound.reason)
      lower = symbol.quantity == .norm ? bound.lower : nil
    case .rowDistance, .headDistance, .chainDifference, .multiplierDifference:
      guard let pair, let values = numbers.composed.pairNorms[symbol] else { return nil }
      (upper, lower) = (values[pair.i * outputs + pair.j], nil)
      method =
        switch symbol.quantity {
        case .chainDifference: "quadratic constraints"
        case .multiplierDifference: "multipliers"
        case .rowDistance, .headDistance, .norm, .chain, .multipliers, .layer, .path, .network:
          "explicit rows"
        }
      reason = "i = \(pair.i), j = \(pair.j)"
    case .layer, .path, .network:
      return nil
    }
  }
}
