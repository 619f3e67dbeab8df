import Catalog
import Compiler
import Diagnostics
import ExampleNetworks
import ModelIR
import Testing

@testable import Verifier

/// The checker rebuilds every example of the catalog and refuses what no layer may say.
@Suite struct LayerKeyTests {
  /// A spec as the compiler writes it, and the shapes of its weights; nil where the compiler refuses it.
  private struct Compiled {
    let resolved: String
    let parameters: [(name: String, shape: [Int])]
    /// The shapes of all layers.
    let shapes: [[Int]]

    init?(_ text: String) {
      var found: [Diagnostic] = []
      let file = SourceFile(path: "spec", bytes: Array(text.utf8))
      guard let spec = Pipeline.read(file, &found),
        let model = Pipeline.infer(spec, &found)
      else { return nil }
      resolved = spec.yaml()
      shapes = model.nodes.map(\.outputShape)
      parameters = model.nodes.flatMap { node in
        node.parameters.map { ("\(node.name).\($0.name)", $0.shape) }
      }
    }

    /// A safetensors file whose weights are all 1.
    func weights() throws -> TensorFile {
      var (entries, data): ([String], [UInt8]) = ([], [])
      for (name, shape) in parameters {
        let start = data.count
        for _ in 0..<shape.reduce(1, *) { data += [0, 0, 0x80, 0x3F] }
        entries.append(
          "\"\(name)\": {\"dtype\": \"F32\", \"shape\": \(shape), "
            + "\"data_offsets\": [\(start), \(data.count)]}")
      }
      let header = Array("{\(entries.joined(separator: ", "))}".utf8)
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
      return try TensorFile(length + header + data, file: "weights")
    }
  }

  private static func network(_ spec: String, _ weights: TensorFile) throws -> Network {
    let entry = try EntryReader.read(Array(spec.utf8)[...], file: "spec")
    return try Network(entry("network"), weights: weights, sampleElements: 1)
  }

  @Test(arguments: Catalog.layers.map { $0.kind }) func examplesAreRebuilt(_ kind: String) throws {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    let compiled = try #require(Compiled(ExampleNetwork(type).spec()))
    let network = try Self.network(compiled.resolved, compiled.weights())
    #expect(network.nodes.map(\.layer.shape) == compiled.shapes)
  }

  /// Values of every type, inside and outside the ranges of keys.
  private static let values = [
    "-50", "-1", "0", "1", "2", "7", "65", "0.5", "1e-40", "1e39", "99999999", "true", "warp",
    "same", "kernel", "null", "'1'", "[]", "[0, 0]", "[1, 2, 3]", "[-1, 2, 3, 4]", "{a: 1}",
  ]

  /// Whatever value the compiler refuses for a key, the checker refuses too.
  @Test(arguments: Catalog.layers.map { $0.kind })
  func valuesOutsideTheirRangesAreRefused(_ kind: String) throws {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    let checked = try #require(Layers.all.first { $0.kind == kind })
    for example in type.examples {
      let network = ExampleNetwork(type, [example])
      let compiled = try #require(Compiled(network.spec()))
      let weights = try compiled.weights()
      let line = try #require(
        compiled.resolved.split(separator: "\n").first { $0.contains("name: example_0") })
      let keys = try #require(
        line.firstMatch(of: /\{name: example_0(?:, from: \[[^\]]*\])?(.*)\}$/))
      for key in checked.keys {
        switch key.domain {
        case .text, .entry: continue
        default: break
        }
        let pattern = try Regex(
          "\\b\(key.name): (?:\\[[^\\]]*\\]|[^,}\\[]+)", as: Substring.self)
        for value in Self.values {
          let changed = String(keys.1).replacing(pattern, with: "\(key.name): \(value)")
          let own = changed.hasPrefix(", ") ? "{\(changed.dropFirst(2))}" : ""
          guard Compiled(network.spec(keys: own)) == nil else { continue }
          let forged = compiled.resolved.replacing(keys.1, with: changed)
          #expect(throws: Refusal.self, "\(kind): {\(key.name): \(value)}") {
            try Self.network(forged, weights)
          }
        }
      }
    }
  }

  @Test(arguments: Catalog.layers.map { $0.kind }) func unknownKeysAreRefused(_ kind: String) throws
  {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    let compiled = try #require(Compiled(ExampleNetwork(type).spec()))
    let weights = try compiled.weights()
    for name in ["ceiling: 6", "lmt: 99", "alpha_: 1"] {
      let forged = compiled.resolved.replacing("name: example_0", with: "name: example_0, \(name)")
      #expect(forged != compiled.resolved)
      let refusal = #expect(throws: Refusal.self) { try Self.network(forged, weights) }
      #expect(refusal?.kind == .refuted)
    }
  }
}
