import Diagnostics
import Execution
import GraphTestSupport
import TensorGraph
import Testing

@testable import XLABackend

/// The conformance suite of engines on the plugin that is installed.
@Suite(.withPlugin) struct EngineTests {
  private let engine: XLABackend

  init() throws { engine = try XLABackend(Plugin.plugin.get(), on: Plugin.client.get()) }

  @Test(arguments: OperationCase.all)
  func everyOperationAgreesWithTheReference(_ example: OperationCase) throws {
    try expectConformance(
      example.graph, example.inputs(seed: 5), tolerance: .of(example.operation))
  }

  /// Products of bfloat16 numbers are exact in float32, so that only the order of sums differs.
  @Test(arguments: OperationCase.products)
  func productsOfRoundedOperandsAgreeWithTheReference(_ example: OperationCase) throws {
    let graph = example.withRoundedOperands
    #expect(try engine.compile(graph).plan.contains("xbf16>"))
    try expectConformance(graph, example.inputs(seed: 5), tolerance: .of(example.operation))
  }

  @Test(arguments: 0..<12)
  func randomGraphsAgreeWithTheReference(_ seed: Int) throws {
    let inputs = RandomGraph.inputs(seed: UInt64(seed)).mapValues { $0.map { Double(Float($0)) } }
    try expectConformance(RandomGraph.make(seed: UInt64(seed)), inputs, tolerance: .sums)
  }

  /// A momentum step of least squares, whose state stays on the device.
  @Test func anOptimizerStepUpdatesItsState() throws {
    let builder = GraphBuilder("step")
    let x = builder.input("x", [32, 20])
    let weight = builder.input("weight", [20, 4], isPersistent: true)
    let velocity = builder.input("velocity", [20, 4], isPersistent: true)
    let error = x.dot(weight) - 1
    let loss = (error * error).sum()
    let next = velocity * 0.9 + loss.gradients(withRespectTo: [weight])[0]
    builder.output("loss", loss)
    builder.output("weight", weight - next * 0.001)
    builder.output("velocity", next)
    let elements = (0..<640).map { Double($0 % 13) / 8 - 0.75 }
    try expectConformance(
      builder.graph, ["x": elements, "weight": Array(elements.prefix(80))], executions: 5,
      tolerance: .sums)
  }

  @Test func inputsMayTradePlacesAndBeFilledInPart() throws {
    let builder = GraphBuilder("swap")
    let a = builder.input("a", [3], isPersistent: true)
    let b = builder.input("b", [3], isPersistent: true)
    builder.output("a", b)
    builder.output("b", a + b)
    let executable = try engine.compile(builder.graph)
    executable.write("a", HostTensor([3], [1, 2, 3]))
    executable.write("b", HostTensor([3], [10, 20, 30]))
    try executable.execute()
    #expect(executable.current("a").elements == [10, 20, 30])
    #expect(executable.current("b").elements == [11, 22, 33])
    executable.withInput("a") { $0[1] = 0 }
    #expect(executable.read("a").elements == [10, 20, 30])
    try executable.execute()
    #expect(executable.current("a").elements == [11, 22, 33])
    #expect(executable.read("b").elements == [21, 22, 63])
  }

  /// Weights are shared on the device; what the other graph replaces is not.
  @Test func inputsOfAnotherExecutableAreShared() throws {
    let builder = GraphBuilder("step")
    let weight = builder.input("weight", [2], isPersistent: true)
    let counter = builder.input("counter", [], isPersistent: true)
    builder.output("weight", weight * 2)
    builder.output("counter", counter + 1)
    let reader = GraphBuilder("reader")
    let point = reader.input("point", [2], isPersistent: true)
    reader.output("point", point + reader.input("weight", [2], isPersistent: true))
    reader.output("counter", reader.input("counter", [], isPersistent: true) + 10)
    let step = try engine.compile(builder.graph)
    let other = try engine.compile(reader.graph, for: .training, sharing: step)
    #expect(other.sharedInputs == ["weight"])
    step.write("weight", HostTensor([2], [1, 5]))
    for _ in 0..<2 {
      try step.execute()
      try other.execute()
    }
    #expect(other.current("point").elements == [6, 30])
    #expect(other.current("counter").elements == [20])
    #expect(step.current("counter").elements == [2])
  }

  /// Executions run ahead, and each number is that of its own execution.
  @Test func scalarsAreReadAfterLaterExecutions() throws {
    let builder = GraphBuilder("count")
    let count = builder.input("count", [], isPersistent: true)
    let start = builder.input("start", [])
    builder.output("count", count + 1)
    builder.output("sum", start + count)
    builder.output("double", count * 2)
    let executable = try engine.compile(builder.graph)
    #expect(executable.mostStarted > 1)
    var pending: [() throws -> [Double]] = []
    for step in 0..<20 {
      executable.withInput("start") { $0[0] = Float(100 * step) }
      try executable.start()
      pending.append(try executable.pendingScalars(["sum", "double"]))
    }
    for (step, values) in pending.enumerated() {
      #expect(try values() == [Double(101 * step), Double(2 * step)])
    }
    #expect(executable.current("count").elements == [20])
  }

  /// A step whose loss, gradients and statistics are sums over the batch: devices with a part of it each compute those
  /// of the whole.
  @Test(arguments: [2, 4]) func devicesShareABatch(_ devices: Int) throws {
    let engine = try XLABackend(Plugin.plugin.get(), devices: devices)
    let step = try engine.compile(Self.normalizedStep(batch: 32), for: .training)
    #expect(
      step.plan.contains(
        #"%x: tensor<32x20xf32> {sdy.sharding = #sdy.sharding<@devices, [{"batch"}, {}]>}"#))
    let elements = (0..<640).map { Double($0 % 13) / 8 - 0.75 }
    let comparison = EngineComparison(
      step, ["x": elements, "weight": Array(elements.prefix(80)), "rate": [0.01]])
    try comparison.execute(times: 5)
    #expect(comparison.faults(.sums) == [])
    // An attack on one device shares the weights that are on all.
    let reader = GraphBuilder("reader")
    reader.output("sum", reader.input("weight", [20, 4], isPersistent: true).sum())
    let other = try engine.compile(reader.graph, for: .evaluation, sharing: step)
    #expect(other.sharedInputs == ["weight"])
    try other.execute()
    let sum = step.current("weight").elements.reduce(0, +)
    #expect(abs(other.read("sum").elements[0] - sum) < 1e-5)
  }

  @Test func aBatchThatCannotBeDividedIsADiagnostic() throws {
    let engine = try XLABackend(Plugin.plugin.get(), devices: 4)
    let failure = #expect(throws: Failure.self) {
      try engine.compile(Self.normalizedStep(batch: 30), for: .training)
    }
    #expect(
      failure?.diagnostics.first?.message == "a batch of 30 cannot be divided among 4 devices")
  }

  private static func normalizedStep(batch: Int) -> Graph {
    let builder = GraphBuilder("step")
    let x = builder.input("x", [batch, 20])
    let rate = builder.input("rate", [])
    let weight = builder.input("weight", [20, 4], isPersistent: true)
    let y = x.dot(weight)
    let centered = y - y.mean(axes: [0]).broadcast(to: y.shape, axes: [1])
    let loss = (centered * centered).sum() + abs(y - 1).sum()
    builder.output("loss", loss)
    builder.output(
      "weight", weight - loss.gradients(withRespectTo: [weight])[0] * rate)
    return builder.graph
  }

  private func expectConformance(
    _ graph: Graph, _ inputs: [String: [Double]], executions: Int = 2, tolerance: Tolerance,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let executable = try engine.compile(graph)
    let comparison = EngineComparison(executable, inputs)
    try comparison.execute(times: executions)
    let faults = comparison.faults(tolerance)
    #expect(faults.isEmpty, "\(faults)\n\(executable.plan)", sourceLocation: sourceLocation)
  }
}
