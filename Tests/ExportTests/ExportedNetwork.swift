import Catalog
import Compiler
import Diagnostics
import ExampleNetworks
import Execution
import Foundation
import ModelIR
import TensorGraph
import Testing
import Training

/// A network of the catalog's examples with seeded weights and inputs, and its exact logits.
struct ExportedNetwork {
  static let kinds = Catalog.layers.map { $0.kind }.sorted()
  static let count = 6

  let graph: Graph
  let weights: Weights
  let inputs: [Float]
  let logits: [Float]
  let classes: Int

  init(kind: String) throws {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(path: "example.yaml", text: ExampleNetwork(type).spec())
    let compilation = try #require(
      Pipeline.compile(source, &diagnostics), "\(diagnostics.map(\.message))")
    let model = compilation.model
    weights = compilation.initialWeights
    graph = Prediction(model: model, batch: 1).graph
    let stream = CounterRandom.stream(seed: 9, kind)
    let size = model.inputShape.reduce(1, *)
    inputs = (0..<Self.count * size).map {
      Float(4 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 2)
    }
    let reference = ReferenceBackend().compile(Prediction(model: model, batch: Self.count).graph)
    reference.load(weights, named: model.parameters.map(\.name))
    reference.write(Prediction.images, HostTensor([Self.count] + model.inputShape, inputs))
    try reference.execute()
    logits = reference.read(Prediction.logits).elements
    classes = logits.count / Self.count
  }

  /// Expects logits of another program to be those of the reference up to rounding.
  func check(_ found: [Float], _ kind: String) {
    #expect(found.count == logits.count)
    let scale = max(1, logits.map(\.magnitude).max() ?? 0)
    let worst = zip(found, logits).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 2e-4 * scale, "\(kind): \(worst)")
  }
}

/// A folder of its own, removed afterwards.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Runs a program; returns its exit code and what it printed.
  func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = url
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: url.appendingPathComponent(name))
  }
}
