import Catalog
import Compiler
import Diagnostics
import ExampleNetworks
import Foundation
import Testing

@testable import BoundAlgebra
@testable import Certification
@testable import Commands
@testable import LipschitzBounds
@testable import Reporting

/// Every printed bound has the value that is printed beside it, at the values that are printed for what it
/// names.
@Suite struct PrintedBoundTests {
  private typealias Interval = PrintedBound.Interval

  static let specs = names(in: "") + names(in: "paper/")

  private static let folder =
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/specs/"

  private static func names(in subfolder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + subfolder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted().map { subfolder + $0 }
  }

  /// Networks whose bounds take every form.
  static let layers = [
    ("[6]", "[dense: 8, relu, {residual: {branch: [dense: 8, softmax]}}, dense: 5, softmax]"),
    (
      "[2, 6, 6]",
      """
      [{residual: {branch: [{conv2d: {filters: 2, kernel: 3, padding: same}}]}}, relu, flatten, dense: 3]
      """
    ),
    (
      "[2, 6, 6]",
      """
      [{residual: {branch: [{conv2d: {filters: 2, kernel: 3, padding: same}}], shortcut: [{scale: -0.3}]}}, \
      gelu, {conv2d: {filters: 4, kernel: 3}}, {lp_pool: {kernel: 2, stride: 1, p: 1}}, flatten, dense: 3]
      """
    ),
    (
      "[6]",
      "[dense: 12, {maxout: 3}, dense: 6, {elu: {alpha: 1.7}}, {residual: {branch: [dense: 6]}}]"
    ),
    (
      "[6]",
      "[dense: 8, relu, dense: 7, tanh, dense: 6, sigmoid, dense: 5, {layer_norm: {epsilon: 1}}]"
    ),
    ("[6]", "[dense: 24, relu, dense: 16, relu, dense: 3]"),
    (
      "[6]", "[{parallel: {branches: [[dense: 4, relu], [dense: 3]], merge: concat}}, {scale: 0.5}]"
    ),
  ]

  @Test(arguments: specs) func shippedSpecs(_ name: String) throws {
    let overrides = name.hasPrefix("paper/") ? ["let.width=1"] : []
    try expectAgreement(
      SpecLoading(Invocation(specPath: Self.folder + name, overrides: overrides, isQuiet: true)),
      certificate: !name.hasPrefix("paper/") && !name.hasPrefix("mnist"))
  }

  @Test(arguments: layers.indices) func compositions(_ index: Int) throws {
    let (input, layers) = Self.layers[index]
    try expectAgreement(set: ["network.input=\(input)", "network.layers=\(layers)"])
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func randomNetworks(seed: UInt64) throws {
    try expectAgreement(set: RandomNetwork(seed: seed).overrides)
  }

  @Test(arguments: Catalog.layers.map { $0.kind }) func everyKindOfLayer(_ kind: String) throws {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    try expectAgreement(set: ["network.layers=\(ExampleNetwork(type).layers())"])
  }

  private func expectAgreement(set overrides: [String]) throws {
    let spec = Workplace.tiny.replacing(", classes: 3", with: "")
    guard let loading = try? Workplace(spec).loading(set: overrides) else { return }
    try expectAgreement(loading, certificate: true)
  }

  private func expectAgreement(_ loading: SpecLoading, certificate: Bool) throws {
    let compilation = loading.compilation
    let numbers = NetworkBounds(
      compilation, effort: .quick, weights: compilation.initialWeights)
    let report = CompileReport(
      compilation: compilation, numbers: numbers, weights: .initial(isTight: false),
      explainsBounds: true,
      requirements: Requirements(compilation, lipschitz: nil), diagnostics: [])
    try expectAgreement(report: report.json)
    try expectAgreement(table: report.text())
    try expectAgreement(stage: compilation.bounds.text(of: compilation.model), compilation, numbers)
    guard certificate else { return }
    let record = DataRecord(try loading.data(), samples: 0, files: [])
    try expectAgreement(
      certificate: Certificate(compilation, bounds: numbers, data: record).head(digests: [:]))
  }

  private func expect(
    _ text: String, _ printed: Interval, _ values: [String: Interval], _ place: String
  ) throws {
    let value = try PrintedBound.value(text) { values[$0] }
    #expect(value.agrees(with: printed), "\(place): \(text) is \(value), not \(printed)")
  }
}

/// What `compile --json` and `certificate.json` state.
extension PrintedBoundTests {
  private struct Entry {
    let content: [String: Any]
    init(_ value: Any?) { content = value as? [String: Any] ?? [:] }
    subscript(key: String) -> Entry { Entry(content[key]) }
    func list(_ key: String) -> [Entry] { (content[key] as? [Any] ?? []).map { Entry($0) } }
    func text(_ key: String) -> String { content[key] as? String ?? "" }
    /// A bound; null is ∞.
    func number(_ key: String) -> Interval { Interval(content[key] as? Double ?? .infinity) }
  }

  private func entry(_ value: JSONValue) throws -> Entry {
    Entry(try JSONSerialization.jsonObject(with: Data(value.prettyText.utf8)))
  }

  private func expectAgreement(report: JSONValue) throws {
    let report = try entry(report)
    #expect(!report.list("layers").isEmpty && !report["pairwise"].content.isEmpty)
    var values = ["L": report["lipschitz"].number("upper")]
    for norm in report["explanation"].list("norms") {
      values[norm.text("norm")] = norm.number("upper")
    }
    for step in report["explanation"].list("derivation") {
      values[step.text("bound")] = step.number("upper")
    }
    // Norms of layers that have no part in the bound are printed beside the layers.
    for layer in report.list("layers") {
      let (bound, symbol) = (layer["bound"], "σ(\(layer.text("name")))")
      if bound.text("expression") == symbol, values[symbol] == nil {
        values[symbol] = bound.number("upper")
      }
    }
    var bounds = report.list("layers").map { $0["bound"] }
    bounds += [report["lipschitz"], report["lipschitz"]["product"], report["pairwise"]]
    bounds += report["explanation"].list("derivation") + report["lipschitz"].list("derivation")
    bounds += report["pairwise"].list("derivation")
    for bound in bounds {
      try expect(bound.text("expression"), bound.number("upper"), values, "compile --json")
    }
    for region in report.list("regions") {
      try expect(
        region.text("separate_expression"), region.number("separate"), values, "compile --json")
    }
  }

  private func expectAgreement(certificate: JSONValue) throws {
    let layers = try entry(certificate).list("layers")
    #expect(!layers.isEmpty)
    var values: [String: Interval] = [:]
    for layer in layers {
      let (name, bound) = (layer.text("layer"), layer.number("bound"))
      values["L(\(name))"] = bound
      values["σ(\(name))"] = layer.number("constant")
      values["K(\(name))"] = layer.number("constant")
      for term in layer.list("terms") { values["σ(\(term.text("map")))"] = term.number("norm") }
      let chain = layer["chain"].number("norm")
      try expect(
        layer.text("expression").replacing(/Q\(.*?\)/) { _ in "L" }, bound,
        values.merging(["L": chain]) { $1 }, "certificate")
    }
  }
}

/// What `compile --explain-bounds` and `compile --emit bounds` print.
extension PrintedBoundTests {
  /// The cells of each table under the title of its column, a column without a bound's own title after the
  /// one before it.
  private func rows(of text: String) -> [[String: String]] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    var found: [[String: String]] = []
    for (index, line) in lines.enumerated() where index > 0 && line.contains("─") {
      let starts = line.indices.filter { line[$0] == "─" && (line[$0 - 1] == " ") }
      func cells(_ line: [Character]) -> [String] {
        starts.map { start in
          let end = line.indices.contains(start) ? min(line.count, end(of: start)) : start
          return start < end ? String(line[start..<end]).trimmingCharacters(in: .whitespaces) : ""
        }
      }
      func end(of start: Int) -> Int { line[start...].firstIndex(of: " ") ?? .max }
      var place = index + 1
      while place < lines.count, !lines[place].isEmpty {
        found.append(
          Dictionary(zip(cells(lines[index - 1]), cells(lines[place])), uniquingKeysWith: { $1 }))
        place += 1
      }
    }
    return found
  }

  private func expectAgreement(table text: String) throws {
    let rows = rows(of: text)
    #expect(rows.contains { $0["derivation"] != nil } && rows.contains { $0["norm"] != nil })
    var values: [String: Interval] = [:]
    for row in rows {
      guard let value = row["≤"],
        let symbol = row["norm"] ?? row["bound"] ?? row["Lipschitz constant"]
      else { continue }
      let isSymbol = row["Lipschitz constant"] == nil || symbol == "σ(\(row["layer"] ?? ""))"
      if isSymbol, values[symbol] == nil { values[symbol] = try Interval(printed: value) }
    }
    for row in rows {
      let expression = row["Lipschitz constant"] ?? row["derivation"] ?? row["layer by layer"]
      guard let expression, let value = row["≤"] else { continue }
      try expect(expression, Interval(printed: value), values, "compile")
      guard let gain = row["gain"], let joint = row["joint norm ≤"], joint != "0" else { continue }
      let (a, b) = (try Interval(printed: value), try Interval(printed: joint))
      let ratio = Interval(a.low / b.high, a.high / b.low)
      #expect(try ratio.agrees(with: Interval(printed: String(gain.dropLast()))), "\(row)")
    }
    try expectAgreement(lines: text, values)
  }

  /// The lines of the network and of pairs.
  private func expectAgreement(lines text: String, _ values: [String: Interval]) throws {
    var values = values
    var network: String?
    var count = 0
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(
        of: /^(?:  network|  pairwise|  ) +(L\(.*?\)) = (.*) ≤ ([^ ]+)$/)
      {
        try expect(String(match.2), Interval(printed: String(match.3)), values, "compile")
      } else if let match = line.firstMatch(of: /^(?:  network|  ) +L = (.*)$/) {
        network = String(match.1)
      } else if let match = line.firstMatch(of: /^ +L ≤ ([^ ]+)/), let expression = network {
        values["L"] = try Interval(printed: String(match.1))
        try expect(expression, Interval(printed: String(match.1)), values, "compile")
        count += 1
      } else if let match = line.firstMatch(
        of: /^(?:  pairwise|  ) +(.*) ≤ ([^ ]+)( for i = .*)?$/)
      {
        try expect(String(match.1), Interval(printed: String(match.2)), values, "compile")
        count += 1
      }
    }
    #expect(count == 2)
  }

  private func expectAgreement(
    stage text: String, _ compilation: Compilation, _ numbers: NetworkBounds
  ) throws {
    let composed = numbers.composed
    var values = ["L": Interval(numbers.upper.value)]
    for (symbol, bound) in numbers.norms.bounds {
      values["\(symbol)"] = Interval(bound.upper.value)
    }
    for (symbol, bound) in composed.norms { values["\(symbol)"] = Interval(bound.upper.value) }
    let pair = composed.differences?.largestPair ?? (0, 0)
    for (symbol, bounds) in composed.pairNorms {
      values["\(symbol)"] = Interval(bounds[pair.0 * compilation.classes + pair.1].value)
    }
    for (node, bound) in zip(compilation.model.nodes, composed.nodes.dropFirst()) {
      values["L(\(node.name))"] = Interval(bound.best.upper.value)
    }
    values["Lᵢⱼ"] = Interval(numbers.differences.largest.value)
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " = ", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      // A norm that was too costly to compute has no part in the least bound.
      let value = try PrintedBound.value(parts[1]) { values[$0] ?? Interval(.infinity) }
      let printed = try #require(values[parts[0]])
      #expect(value.agrees(with: printed), "\(line) is \(value), not \(printed)")
    }
  }
}
