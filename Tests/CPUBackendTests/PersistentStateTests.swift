import Execution
import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

struct PersistentStateTests {
  /// A momentum step of least squares: weights are read before and after their update.
  @Test(arguments: [1, 2])
  func anOptimizerStepUpdatesItsStateOverExecutions(_ threads: Int) throws {
    let builder = GraphBuilder("step")
    let x = builder.input("x", [32, 20])
    let target = builder.input("target", [32, 4])
    let weight = builder.input("weight", [20, 4], isPersistent: true)
    let velocity = builder.input("velocity", [20, 4], isPersistent: true)
    let count = builder.input("count", [], isPersistent: true)
    let error = x.dot(weight) - target
    let loss = (error * error).sum()
    let gradient = loss.gradients(withRespectTo: [weight])[0]
    let next = velocity * 0.9 + gradient
    let updated = weight - next * 0.001
    builder.output("loss", loss)
    builder.output("lossAfter", x.dot(updated).sum())
    builder.output("weightBefore", weight.sum())
    builder.output("weight", updated)
    builder.output("velocity", next)
    builder.output("count", count + 1)
    let inputs = [
      "x": samples(640, "x"), "target": samples(128, "t"), "weight": samples(80, "w"),
    ]
    try expectConformance(
      builder.graph, inputs, threads: threads, executions: 5, tolerance: .sums)
    let executable = try CPUBackend(threads: threads).compile(builder.graph)
    for _ in 0..<3 { try executable.execute() }
    #expect(executable.current("count").elements == [3])
  }

  @Test func inputsMayTradePlaces() throws {
    let builder = GraphBuilder("swap")
    let a = builder.input("a", [3], isPersistent: true)
    let b = builder.input("b", [3], isPersistent: true)
    builder.output("a", b)
    builder.output("b", a + b)
    let executable = try CPUBackend(threads: 1).compile(builder.graph)
    executable.write("a", HostTensor([3], [1, 2, 3]))
    executable.write("b", HostTensor([3], [10, 20, 30]))
    try executable.execute()
    #expect(executable.current("a").elements == [10, 20, 30])
    #expect(executable.current("b").elements == [11, 22, 33])
    try executable.execute()
    #expect(executable.current("a").elements == [11, 22, 33])
    #expect(executable.read("b").elements == [21, 42, 63])
  }

  /// Weights are shared, what the other graph updates or shapes differently is not.
  @Test func inputsOfAnotherExecutableAreShared() throws {
    let builder = GraphBuilder("step")
    let weight = builder.input("weight", [2], isPersistent: true)
    let counter = builder.input("counter", [], isPersistent: true)
    _ = builder.input("point", [3])
    builder.output("weight", weight * 2)
    builder.output("counter", counter + 1)
    let reader = GraphBuilder("reader")
    let point = reader.input("point", [2], isPersistent: true)
    reader.output("point", point + reader.input("weight", [2], isPersistent: true))
    reader.output("counter", reader.input("counter", [], isPersistent: true) + 10)
    let engine = CPUBackend(threads: 1)
    var step: (any Executable)? = try engine.compile(builder.graph)
    let other = try engine.compile(reader.graph, for: .training, sharing: try #require(step))
    #expect(other.sharedInputs == ["weight"])
    #expect(other.plan.contains("input of another executable"))
    step?.write("weight", HostTensor([2], [1, 5]))
    try step?.execute()
    try other.execute()
    #expect(other.current("point").elements == [2, 10])
    #expect(other.current("counter").elements == [10])
    #expect(step?.current("counter").elements == [1])
    step = nil
    try other.execute()
    #expect(other.current("point").elements == [4, 20])
  }

  /// The old value is needed in another order while the new one is computed.
  @Test func aTransposedReaderKeepsTheUpdateOutOfPlace() throws {
    let builder = GraphBuilder("transpose")
    let a = builder.input("a", [40, 40], isPersistent: true)
    builder.output("a", a.transposed([1, 0]) + 1)
    try expectConformance(
      builder.graph, ["a": samples(1600, "a")], threads: 2, executions: 3,
      tolerance: .elementwise)
  }
}
