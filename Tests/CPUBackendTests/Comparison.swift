import Execution
import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

/// Runs a graph on the engine some times and compares every output with the reference's.
func expectConformance(
  _ graph: Graph, _ inputs: [String: [Double]], for purpose: ExecutionPurpose = .evaluation,
  threads: Int, executions: Int = 2, tolerance: Tolerance,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let engine = try CPUBackend(threads: threads).compile(graph, for: purpose)
  let comparison = EngineComparison(engine, inputs)
  try comparison.execute(times: executions)
  let faults = comparison.faults(tolerance)
  #expect(
    faults.isEmpty, "\(faults) on \(threads) threads\n\(engine.plan)",
    sourceLocation: sourceLocation)
}

/// Seeded numbers in [−1, 1).
func samples(_ count: Int, _ name: String, seed: UInt64 = 1) -> [Double] {
  let stream = CounterRandom.stream(seed: seed, name)
  return (0..<count).map {
    CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) * 2 - 1
  }
}
