import Commands
import Compiler
import Diagnostics
import FileFormats
import Files
import GraphTestSupport
import ModelIR
import SpecSyntax
import StableHLO
import TensorGraph

/// StableHLO modules with inputs and the results of the reference evaluator, for a check by another compiler.
///
/// Case 7 is `7.mlir` and `7.npz`, with arrays `in0`, `in1`, …, `out0`, … in the order of arguments and results;
/// `cases.txt` has a line for each.
struct StableHLOCases {
  private let folder: String
  private var list: [String] = []

  private init(_ folder: String) { self.folder = folder }

  /// Writes every case of the conformance suite, limits and ties, random graphs, and the entry points of specs;
  /// throws ``Failure``.
  static func write(to folder: String, specs: [String]) throws(Failure) {
    var cases = StableHLOCases(folder)
    for example in OperationCase.all + OperationCase.large {
      try cases.write("\(example)", example.graph, example.inputs(seed: 5))
    }
    try cases.writeLimits()
    for seed in 0..<40 as Range<UInt64> {
      try cases.write(
        "random graph \(seed)", RandomGraph.make(seed: seed), RandomGraph.inputs(seed: seed))
    }
    for spec in specs { try cases.writeEntryPoints(of: spec) }
    try AtomicFile.write(cases.list.joined(separator: "\n") + "\n", to: folder + "/cases.txt")
  }

  private mutating func write(
    _ title: String, _ graph: Graph, _ inputs: [String: [Double]]
  ) throws(Failure) {
    let path = "\(folder)/\(list.count)"
    let results = evaluate(graph, inputs: inputs)
    var arrays = graph.inputs.enumerated().map { index, input in
      entry("in\(index)", graph[input.value].type, inputs[input.name])
    }
    arrays += graph.outputs.enumerated().map { index, output in
      entry("out\(index)", graph[output.value].type, results[output.name])
    }
    try AtomicFile.write(StableHLOProgram(graph).text, to: path + ".mlir")
    try AtomicFile.write(NPZWriter.bytes(arrays), to: path + ".npz")
    list.append(title.replacing("\n", with: " "))
  }

  private func entry(
    _ name: String, _ type: TensorType, _ elements: [Double]?
  ) -> NPZWriter.Entry {
    NPZWriter.Entry(name, shape: type.shape, elements: (elements ?? []).map { Float($0) })
  }
}

// Limits and ties.
extension StableHLOCases {
  /// Zeros, infinities, NaN and large numbers; no subnormal ones, which XLA takes for 0.
  private static let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -2.5, 0x1p60, -0x1p60, .infinity, -.infinity, .nan, 1e-30, 88, -87,
    1.003906,
  ]

  private mutating func writeLimits() throws(Failure) {
    let pairs = Self.special.flatMap { a in Self.special.map { (a, $0) } }
    let pair = ["a": pairs.map(\.0), "b": pairs.map(\.1)]
    let operations =
      Operation.Unary.allCases.map { ($0.rawValue, Operation.unary($0)) }
      + Operation.Binary.allCases.map { ($0.rawValue, .binary($0)) }
      + Operation.Comparison.allCases.map { ($0.rawValue, .compare($0)) }
      + [("select", .select)]
    for (name, operation) in operations {
      try write("\(name) at limits", Self.graph(of: operation, count: pairs.count), pair)
    }
    for counter in [0, 3, -1, 2.75, 0x1p40, 0x1p60, .infinity, .nan] {
      let builder = GraphBuilder("random")
      let x = builder.input("x", [])
      builder.output("y", builder.apply(.random(stream: .max - 5), [x], as: TensorType([3, 70])))
      try write("random at \(counter)", builder.graph, ["x": [counter]])
    }
    try writeTies()
  }

  private static func graph(of operation: TensorGraph.Operation, count: Int) -> Graph {
    let builder = GraphBuilder("limits")
    let (a, b) = (builder.input("a", [count]), builder.input("b", [count]))
    let operands =
      switch operation {
      case .unary: [a]
      case .select: [a, b, a]
      default: [a, b]
      }
    builder.output("y", builder.apply(operation, operands))
    return builder.graph
  }

  /// Maxima of windows with equal elements, infinities and NaN.
  private mutating func writeTies() throws(Failure) {
    let windows = [
      PoolWindow(kernel: [2, 2], strides: [2, 2]),
      PoolWindow(kernel: [3, 3], strides: [1, 2], paddingLow: [1, 1], paddingHigh: [2, 1]),
    ]
    for (number, window) in windows.enumerated() {
      let builder = GraphBuilder("ties")
      let (a, b) = (builder.input("a", [2, 3, 8, 8]), builder.input("b", [2, 3, 8, 8]))
      let chosen = builder.apply(.maxPoolSelect(window), [a, b])
      builder.output("maximum", builder.apply(.maxPoolSelect(window), [a, a]))
      builder.output("chosen", chosen)
      builder.output("scattered", builder.apply(.maxPoolScatter(window), [a, chosen]))
      let levels: [Double] = [0, 0, 1, 1, -1, -.infinity, -.infinity, .nan]
      let draw = { (index: Int, counter: UInt64) in
        Int(CounterRandom.bits(stream: 1, counter: counter, index: UInt64(index)) >> 32)
      }
      let ties = (0..<384).map { levels[draw($0, 0) % (number + 7)] }
      let values = (0..<384).map { Double(draw($0, 1) % 64) / 16 }
      try write("ties \(number)", builder.graph, ["a": ties, "b": values])
    }
  }
}

// Entry points of specs.
extension StableHLOCases {
  private mutating func writeEntryPoints(of path: String) throws(Failure) {
    let workload = try Workload(spec: path)
    let training = workload.initial.mapValues { $0.elements.map(Double.init) }
    try write("training step of \(path)", workload.graph, training)
    for entry in [EntryPoint.evaluate, .certify] {
      try write(entry, workload.compilation, training, path)
    }
    let attacked = try Workload(spec: path, overrides: ["certify.attacks=[pgd]"])
    try write(.attack, attacked.compilation, training, path)
  }

  /// Writes an entry point with the weights of the training step; other inputs are uniform in [0, 1).
  private mutating func write(
    _ entry: EntryPoint, _ compilation: Compilation, _ known: [String: [Double]], _ path: String
  ) throws(Failure) {
    let graph = try entry.graph(of: compilation)
    let weights = Set(compilation.model.parameters.map(\.name))
    var inputs: [String: [Double]] = [:]
    for input in graph.inputs {
      let count = graph[input.value].type.count
      let stream = CounterRandom.stream(seed: 1, input.name)
      let isWeight = weights.contains(input.name) && known[input.name]?.count == count
      inputs[input.name] =
        isWeight
        ? known[input.name]
        : (0..<count).map {
          CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0))
        }
    }
    try write("\(entry.rawValue) of \(path)", graph, inputs)
  }
}
