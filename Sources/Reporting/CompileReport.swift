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
    /// The seeded initial weights, with norms as tight as in a certificate or quick ones.
    case initial(isTight: Bool)
    /// A file.
    case file(String)
    /// None: what holds for every weight that training can reach.
    case any

    var json: JSONValue {
      switch self {
      case .initial: "initial"
      case .file(let path): .string(path)
      case .any: "any"
      }
    }

    var text: String {
      switch self {
      case .initial(isTight: true): "for the seeded initial weights"
      case .initial(isTight: false): "by quick norms of the seeded initial weights"
      case .file(let path): "for the weights in \(path)"
      case .any: "for every weight"
      }
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
  private let rows: [LayerRow]
  private let network: NetworkSection
  private let regions: [Region]
  private let weights: Weights
  private let explanation: BoundExplanation?
  private let requirements: Requirements
  private let diagnostics: [Diagnostic]

  /// A report; `numbers` are the bounds for the weights that `weights` names, nil if none were computed.
  public init(
    compilation: Compilation, numbers: NetworkBounds?, weights: Weights, explainsBounds: Bool,
    requirements: Requirements, diagnostics: [Diagnostic]
  ) {
    let (model, bounds) = (compilation.model, compilation.bounds)
    self.model = model
    precision = compilation.spec.certify.precision
    network =
      switch weights {
      case .any: .promised(.init(model, bounds))
      case .initial, .file:
        numbers.map { .evaluated(.init(model, bounds, $0)) } ?? .symbolic(.init(model, bounds))
      }
    regions = numbers.map { Self.regions(bounds, $0) } ?? []
    rows = bounds.own.enumerated().map { index, own in
      let norm = numbers.map { LayerRow.norm(own, $0.norms) } ?? Self.promised(bounds, index)
      return LayerRow(node: model.nodes[index], expression: own, norm: norm)
    }
    explanation = numbers.flatMap { explainsBounds ? BoundExplanation(model, bounds, $0) : nil }
    self.weights = weights
    self.requirements = requirements
    self.diagnostics = diagnostics
  }

  /// The constant of a layer that holds for every weight.
  private static func promised(
    _ bounds: ModelBounds, _ index: Int
  ) -> (upper: UpperBound, lower: LowerBound, method: String)? {
    guard let constant = bounds.promisedConstant(at: index) else { return nil }
    let constraint = bounds.own[index].symbols.first.flatMap { bounds.constraints[$0] }
    return (
      constant.evaluate { _ in .infinity },
      constraint == nil ? constant.evaluateLower { _ in .zero } : .zero,
      constraint?.parametrization ?? "closed form"
    )
  }

  private static func regions(_ bounds: ModelBounds, _ numbers: NetworkBounds) -> [Region] {
    bounds.regions.compactMap { region in
      guard let joint = numbers.composed.norms[NormSymbol(region.name)] else { return nil }
      let separate = region.layerByLayer.evaluate { numbers.norms[$0].upper }
      return Region(
        name: region.name, joint: joint.upper, expression: region.layerByLayer,
        separate: separate)
    }
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
      "lipschitz": network.lipschitz,
      "regions": .array(regions.map(\.json)),
      "pairwise": hasPairs ? network.pairwise : .null,
      "requirements": requirements.json,
      "diagnostics": .array(diagnostics.map(\.json)),
    ]
  }

  /// Whether there are two outputs to compare.
  private var hasPairs: Bool { model.shape(of: model.output) != [1] }

  /// The table for standard output.
  public func text(_ style: TextStyle = .plain) -> String {
    var summary =
      "\(model.name): \(NumberText.grouped(model.parameterCount)) parameters\n\n"
      + "\(layerTable.text)\n\n\(network.networkText(weights))"
      + "\(hasPairs ? network.pairwiseText : "")\(network.remark)\(precisionText)"
    if let explanation { summary += "\n\(explanation.text)" }
    if !regions.isEmpty { summary += "\n\(regionTable.text)\n" }
    if !requirements.decisions.isEmpty { summary += "\n\(requirements.table.text(style))\n" }
    return summary
  }

  private var layerTable: Table {
    var columns: [(String, Table.Alignment)] = [
      ("line", .right), ("layer", .left), ("output", .left), ("parameters", .right),
      ("Lipschitz constant", .left),
    ]
    if rows.contains(where: { $0.norm != nil }) { columns += [("≤", .right), ("method", .left)] }
    var table = Table(columns)
    for row in rows {
      let norm = row.norm.map { [NumberText.significant($0.upper.value, .up), $0.method] }
      table.append(
        [
          "\(row.node.span.line)", row.node.name,
          row.node.outputShape.map(String.init).joined(separator: "×"),
          row.parameters == 0 ? "" : NumberText.grouped(row.parameters), "\(row.expression)",
        ] + (norm ?? []))
    }
    return table
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

extension LowerBound {
  /// The bound, or null where none was computed for a norm that may not be 0.
  func json(below upper: UpperBound) -> JSONValue {
    value > 0 || upper.value == 0 ? .number(value) : .null
  }
}
