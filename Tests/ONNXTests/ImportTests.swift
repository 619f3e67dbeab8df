import Compiler
import Diagnostics
import Execution
import FileFormats
import Foundation
import MutationSupport
import SpecSyntax
import TensorGraph
import Testing

@testable import ONNX

/// Imported networks against ONNX Runtime, whose outputs `make-models.py` has stored beside the models.
///
/// `LMTC_ONNX_MODELS` names a folder of further models, each with its `inputs` and `outputs` in a file of its name
/// that ends in `.safetensors`.
@Suite struct ImportTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("models")

  static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
    .filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted() ?? []

  static func bytes(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
  }

  static func network(_ bytes: [UInt8], output: String? = nil) throws(Failure) -> ImportedNetwork {
    try ImportedNetwork.read(bytes, path: "model.onnx", output: output) { name throws(Failure) in
      throw FileFault(.weights, path: name)("missing", "there is no file", at: nil)
    }
  }

  static func output(of name: String) -> String? {
    name.hasPrefix("scikit") ? "probabilities" : nil
  }

  @Test func thereAreModels() { #expect(Self.names.count == 29) }

  @Test(arguments: names) func outputsAreThoseOfONNXRuntime(name: String) throws {
    try Self.compare(Self.folder.appendingPathComponent(name), output: Self.output(of: name))
  }

  /// The paths of the models of the folder that the environment names, without `.onnx`.
  static let further: [String] = {
    guard let path = ProcessInfo.processInfo.environment["LMTC_ONNX_MODELS"] else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { $0.hasSuffix(".onnx") }.sorted().map { "\(path)/\($0.dropLast(5))" }
  }()

  @Test(.enabled(if: !further.isEmpty), arguments: further)
  func outputsOfFurtherModelsAreThoseOfONNXRuntime(path: String) throws {
    try Self.compare(URL(fileURLWithPath: path), output: nil)
  }

  /// Compares the outputs of a model with the stored ones.
  static func compare(_ path: URL, output: String?) throws {
    let name = path.lastPathComponent
    let bytes = [UInt8](try Data(contentsOf: path.appendingPathExtension("onnx")))
    let network = try Self.network(bytes, output: output)
    let text = network.spec(name: "imported", source: name, data: nil)
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(path: "imported.yaml", text: text)
    let compilation = try #require(
      Pipeline.compile(source, &diagnostics), "\(diagnostics.map(\.message))")
    let file = [UInt8](try Data(contentsOf: path.appendingPathExtension("safetensors")))
    let stored = try Safetensors.decode(file, path: name).tensors
    let (inputs, outputs) = (try #require(stored["inputs"]), try #require(stored["outputs"]))
    #expect(Array(inputs.shape.dropFirst()) == network.input)

    let executable = ReferenceBackend().compile(
      Prediction(model: compilation.model, batch: 8).graph)
    for (name, tensor) in network.weights { executable.write(name, tensor) }
    executable.write(Prediction.images, inputs)
    try executable.execute()
    let results = executable.read(Prediction.logits).elements
    let scale = outputs.elements.map(abs).max() ?? 0
    #expect(results.count == outputs.elements.count)
    for (found, expected) in zip(results, outputs.elements) {
      #expect(abs(found - expected) <= 2e-5 * max(1, scale), "\(name)")
    }
  }

  @Test func layersKeepTheNamesOfTheModel() throws {
    for name in ["torch-classifier-script", "torch-classifier-dynamo"] {
      let network = try Self.network(try Self.bytes("\(name).onnx"))
      let weights = Set(network.weights.keys)
      #expect(weights.isSuperset(of: ["conv1.weight", "conv2.weight", "fc.weight", "fc.bias"]))
    }
    let residual = try Self.network(try Self.bytes("torch-residual-dynamo.onnx"))
    #expect(residual.weights["branch.0.weight"] != nil)
  }

  @Test func severalOutputsAreAskedFor() throws {
    let bytes = try Self.bytes("scikit-mlp.onnx")
    let failure = #expect(throws: Failure.self) { try Self.network(bytes) }
    let diagnostic = try #require(failure?.diagnostics.first)
    #expect(diagnostic.id.description == "weights.onnx")
    #expect(diagnostic.message.contains("'probabilities'"))
    #expect(diagnostic.help?.contains("--output") == true)
  }

  @Test(arguments: ["", "PK", "\u{08}", String(repeating: "a", count: 100)])
  func otherFilesAreRefused(text: String) {
    let failure = #expect(throws: Failure.self) { try Self.network(Array(text.utf8)) }
    #expect(failure?.diagnostics.first?.id.description == "weights.onnx")
  }

  /// Damaged models end in a network or in diagnostics about the file.
  @Test(arguments: names) func survivesDamage(name: String) throws {
    let whole = try Self.bytes("\(name).onnx")
    var mutations = ByteMutations(seed: 1, name: name)
    for _ in 0..<150 {
      let bytes = mutations.mutate(whole)
      do throws(Failure) {
        let network = try Self.network(bytes, output: Self.output(of: name))
        var diagnostics: [Diagnostic] = []
        let text = network.spec(name: "imported", source: name, data: nil)
        _ = Pipeline.compile(SourceFile(path: "imported.yaml", text: text), &diagnostics)
      } catch {
        #expect(!error.diagnostics.isEmpty)
        #expect(error.diagnostics.allSatisfy { $0.id.area == .weights })
      }
    }
  }
}
