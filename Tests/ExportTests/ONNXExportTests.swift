import Compiler
import Diagnostics
import Execution
import Foundation
import TensorGraph
import Testing

@testable import ONNX

/// ONNX models of networks with every kind of layer, run by ONNX Runtime where it is installed.
@Suite struct ONNXExportTests {
  /// Whether `python3` has ONNX Runtime, as after `pip install onnxruntime`.
  static let hasRuntime =
    (try? ScratchFolder().run(["python3", "-c", "import onnxruntime"]).code == 0) ?? false

  static let script = """
    import sys, numpy, onnxruntime
    session = onnxruntime.InferenceSession("net.onnx")
    fed = session.get_inputs()[0]
    shape = [-1] + fed.shape[1:]
    inputs = numpy.fromfile("inputs.bin", dtype="<f4").reshape(shape)
    for row in session.run(["logits"], {fed.name: inputs})[0]:
        print(" ".join(repr(float(x)) for x in row))
    """

  static func model(_ network: ExportedNetwork) throws -> [UInt8] {
    try ONNXExport.encode(
      network.graph, weights: network.weights.tensors, fed: Prediction.images,
      output: Prediction.logits, name: "net", version: "1")
  }

  @Test(arguments: ExportedNetwork.kinds) func everyKindHasAModel(kind: String) throws {
    let bytes = try Self.model(try ExportedNetwork(kind: kind))
    #expect(try Self.model(try ExportedNetwork(kind: kind)) == bytes)
    let model = try ProtoModel(serializedBytes: bytes)
    #expect(model.graph.input.count == 1 && model.graph.output.map(\.name) == ["logits"])
    let used = Set(model.graph.node.flatMap(\.input))
    #expect(model.graph.initializer.allSatisfy { used.contains($0.name) })
    var known = Set(model.graph.initializer.map(\.name) + ["images"])
    for node in model.graph.node {
      #expect(known.isSuperset(of: node.input))
      #expect(node.output.allSatisfy { known.insert($0).inserted })
    }
  }

  @Test(.enabled(if: hasRuntime), arguments: ExportedNetwork.kinds)
  func logitsAreThoseOfTheReference(kind: String) throws {
    let network = try ExportedNetwork(kind: kind)
    let folder = try ScratchFolder()
    try folder.write(try Self.model(network), to: "net.onnx")
    let bytes = network.inputs.flatMap { input in
      withUnsafeBytes(of: input.bitPattern.littleEndian) { Array($0) }
    }
    try folder.write(bytes, to: "inputs.bin")
    let ran = try folder.run(["python3", "-c", Self.script])
    #expect(ran.code == 0, "\(ran.output)")
    network.check(
      ran.output.split(whereSeparator: \.isWhitespace).compactMap { Float($0) }, kind)
  }

  /// What is exported can be imported, where its operators have layers.
  @Test(arguments: ["dense", "conv2d", "relu"])
  func modelsComeBack(kind: String) throws {
    let network = try ExportedNetwork(kind: kind)
    let imported = try ImportedModel.read(try Self.model(network))
    let count = imported.weights.values.reduce(0) { $0 + $1.elements.count }
    #expect(count >= network.weights.tensors.values.reduce(0) { $0 + $1.elements.count })
  }
}

enum ImportedModel {
  static func read(_ bytes: [UInt8]) throws(Failure) -> ImportedNetwork {
    try ImportedNetwork.read(bytes, path: "net.onnx") { name throws(Failure) in
      throw Failure(Diagnostic(.init(.file, "missing"), "no '\(name)'", at: .none))
    }
  }
}
