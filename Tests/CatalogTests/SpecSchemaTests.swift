import Catalog
import Diagnostics
import Foundation
import Manual
import ModelIR
import SpecSyntax
import Testing

/// The schema accepts every valid spec and finds what an editor can find.
struct SpecSchemaTests {
  private static let validator = SchemaValidator(document: SpecSchema.document)
  private static let root = CatalogDriftTests.folder.appending(path: "../..").standardized

  private static func specs(_ folder: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: folder).path)
    return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
  }

  private static let shipped = specs("specs") + specs("specs/paper")

  private static func value(_ text: String) throws -> JSONValue {
    var faults: [Diagnostic] = []
    let node = parseYAML(SourceFile(path: "spec", text: text), &faults)
    #expect(faults.isEmpty)
    return JSONValue(try #require(node))
  }

  @Test(arguments: shipped + specs("grammar/accepted")) func acceptsSpecs(_ path: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    #expect(Self.validator.faults(try Self.value(text)) == [])
  }

  /// In place of a blank line, so that lines keep their numbers.
  @Test(arguments: shipped) func specsNameTheSchema(_ path: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    let match = try #require(text.firstMatch(of: /(?m)^# yaml-language-server: \$schema=(.+)$/))
    let schema = Self.root.appending(path: path).deletingLastPathComponent()
      .appending(path: String(match.1)).standardized
    #expect(schema.path == Self.root.appending(path: "grammar/lmt.schema.json").path)
  }

  @Test func acceptsEveryExample() throws {
    for type in Catalog.layers {
      for example in type.examples {
        let keys = example.keys.isEmpty ? type.kind : "{\(type.kind): \(example.keys)}"
        #expect(Self.validator.faults(try Self.value(keys), by: "layer") == [], "\(keys)")
      }
    }
    for topic in Manual.topics
    where Self.validator.document["definitions"]?[topic.kind.rawValue] != nil {
      for example in topic.examples where topic.kind != .layer {
        let entry = try #require(example.firstMatch(of: /^[a-z]+: \[?(.*?)\]?$/)).1
        let value = try Self.value(String(entry))
        #expect(Self.validator.faults(value, by: topic.kind.rawValue) == [], "\(example)")
      }
    }
  }

  private static let network = "network: {input: [2], layers: [dense: 2]}"
  private static let start = "lmt: 1\nname: a\n"

  @Test(arguments: [
    "", "color: red", "train: {epoch: 3}", "train: {epochs: 0}", "train: {epochs: 1.5}",
    "train: {loss: lmtt}", "train: {loss: {lmt: {d: 1}}}", "train: {validation: 1}",
    "train: {optimizer: {adam: {}, sgd: {}}}", "train: {shuffle: maybe}",
    "train: {schedule: {learning_rate: sine}}", "train: {adversarial: {radius: 1}}",
    "data: {format: cvs}", "data: {format: idx, samples: 3}", "certify: {effort: some}",
    "certify: {box: [0]}", "certify: {radii: 0.1}", "require: {lipschitz: 1}",
  ])
  func findsFaults(_ line: String) throws {
    let text = Self.start + (line.isEmpty ? "" : Self.network + "\n" + line)
    #expect(!Self.validator.faults(try Self.value(text)).isEmpty)
    #expect(Self.validator.faults(try Self.value(Self.start + Self.network)) == [])
  }

  @Test(arguments: [
    ("{onnx: model.onnx}", true), ("{onnx: model.onnx, output: logits}", true),
    ("{output: logits}", false), ("{onnx: model.onnx, input: [2]}", false), ("{input: [2]}", false),
  ])
  func aNetworkStatesItsLayersOrNamesAFile(network: String, isValid: Bool) throws {
    let value = try Self.value(Self.start + "network: " + network)
    #expect(Self.validator.faults(value).isEmpty == isValid)
  }

  @Test(arguments: [
    "conv2d: {filter: 3, kernel: 1}", "conv2d: {filters: 3}", "conv2d: {filters: 0, kernel: 1}",
    "conv2d: {filters: 3, kernel: [1, 2, 3]}", "conv2d: {filters: 3, kernel: 1, padding: some}",
    "dense: {units: many}", "dense: {units: 3, parametrization: orthogonl}",
    "residual: {branch: relu}", "repeat: {times: 3}", "parallel: [[relu]]", "abs: {share: 2}",
  ])
  func findsFaultsOfLayers(_ layer: String) throws {
    #expect(!Self.validator.faults(try Self.value("{\(layer)}"), by: "layer").isEmpty)
  }

  @Test func unknownKeywordsAreFaults() {
    let validator = SchemaValidator(document: ["anyOf": [["typ": "string"]]])
    #expect(!validator.faults("text").isEmpty)
  }
}
