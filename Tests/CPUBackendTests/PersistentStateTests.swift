import TensorGraph
import Testing

@testable import CPUBackend

struct PersistentStateTests {
  /// A momentum step of least squares: weights are read before and after their update.
  @Test(arguments: [1, 2])
  func anOptimizerStepUpdatesItsStateOverExecutions(_ threads: Int) throws {
    var builder = GraphBuilder("step")
    let x = builder.input("x", [32, 20])
    let target = builder.input("target", [32, 4])
    let weight = builder.input("weight", [20, 4], isPersistent: true)
    let velocity = builder.input("velocity", [20, 4], isPersistent: true)
    let count = builder.input("count", [], isPersistent: true)
    let error = builder.subtract(builder.dot(x, weight), target)
    let loss = builder.sum(builder.multiply(error, error))
    let gradient = builder.gradients(of: loss, withRespectTo: [weight])[0]
    let next = builder.add(builder.scale(velocity, by: 0.9), gradient)
    let updated = builder.subtract(weight, builder.scale(next, by: 0.001))
    builder.output("loss", loss)
    builder.output("lossAfter", builder.sum(builder.dot(x, updated)))
    builder.output("weightBefore", builder.sum(weight))
    builder.output("weight", updated)
    builder.output("velocity", next)
    builder.output("count", builder.add(count, builder.splat(1)))
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
    var builder = GraphBuilder("swap")
    let a = builder.input("a", [3], isPersistent: true)
    let b = builder.input("b", [3], isPersistent: true)
    builder.output("a", b)
    builder.output("b", builder.add(a, b))
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
    var builder = GraphBuilder("transpose")
    let a = builder.input("a", [40, 40], isPersistent: true)
    builder.output("a", builder.add(builder.transpose(a, [1, 0]), builder.splat(1)))
    try expectConformance(
      builder.graph, ["a": samples(1600, "a")], threads: 2, executions: 3,
      tolerance: .elementwise)
  }
}
