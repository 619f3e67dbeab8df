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
