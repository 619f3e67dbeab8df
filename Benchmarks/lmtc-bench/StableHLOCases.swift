import Diagnostics
import FileFormats
import Files
import Foundation
import GraphTestSupport
import StableHLO
import TensorGraph

/// StableHLO modules with inputs and the results of the reference evaluator, for a check by another compiler.
///
/// Case 7 is `7.mlir` and `7.npz`, with arrays `in0`, `in1`, …, `out0`, … in the order of arguments and results, the
/// results in Double; `cases.txt` has a line for each.
struct StableHLOCases {
  private let folder: String
  private var list: [String] = []

  private init(_ folder: String) { self.folder = folder }

  /// Writes every case of the conformance suite and random graphs; throws ``Failure``.
  static func writeOperations(to folder: String) throws(Failure) {
    var cases = StableHLOCases(folder)
    for example in OperationCase.all + OperationCase.large {
      try cases.write("\(example)", example.graph, example.inputs(seed: 5))
    }
    for seed in 0..<40 as Range<UInt64> {
      try cases.write(
        "random graph \(seed)", RandomGraph.make(seed: seed), RandomGraph.inputs(seed: seed))
    }
    try cases.finish()
  }

  /// Writes the training step of each spec; throws ``Failure``.
  static func writeSteps(of specs: [String], to folder: String) throws(Failure) {
    var cases = StableHLOCases(folder)
    for spec in specs {
      let workload = try Workload(spec: spec)
      let inputs = workload.initial.mapValues { $0.elements.map(Double.init) }
      try cases.write("training step of \(spec)", workload.graph, inputs)
    }
    try cases.finish()
  }

  private mutating func write(
    _ title: String, _ graph: Graph, _ inputs: [String: [Double]]
  ) throws(Failure) {
    let path = "\(folder)/\(list.count)"
    let results = evaluate(graph, inputs: inputs)
    var arrays = graph.inputs.enumerated().map { index, input in
      NPZWriter.Entry(
        "in\(index)", shape: graph[input.value].type.shape,
        elements: (inputs[input.name] ?? []).map { Float($0) })
    }
    arrays += graph.outputs.enumerated().map { index, output in
      NPZWriter.Entry(
        "out\(index)", shape: graph[output.value].type.shape,
        elements: (results[output.name] ?? []).map { Float($0) })
    }
    try AtomicFile.write(StableHLOProgram(graph).text, to: path + ".mlir")
    try AtomicFile.write(NPZWriter.bytes(arrays), to: path + ".npz")
    list.append(title.replacingOccurrences(of: "\n", with: " "))
  }

  private func finish() throws(Failure) {
    try AtomicFile.write(list.joined(separator: "\n") + "\n", to: folder + "/cases.txt")
  }
}
