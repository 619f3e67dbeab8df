import GraphTestSupport
import Testing

/// Whole graphs in which values are shared, moved and dead: what planning of fusion and memory can
/// get wrong where single operations cannot.
struct RandomGraphConformanceTests {
  @Test(arguments: 0..<60)
  func randomGraphsAgreeWithTheReference(_ seed: Int) throws {
    let graph = RandomGraph.make(seed: UInt64(seed))
    let inputs = RandomGraph.inputs(seed: UInt64(seed)).mapValues { $0.map { Double(Float($0)) } }
    for graph in [graph, graph.simplified()] {
      try expectConformance(graph, inputs, threads: 2, executions: 1, tolerance: .sums)
    }
  }

  @Test(arguments: OperationCase.all.filter { !$0.operands.isEmpty })
  func gradientsOfEveryOperationAgreeWithTheReference(_ example: OperationCase) throws {
    let names = example.operands.indices.map { "x\($0)" }
    let graph = GradientCheck(example.graph, withRespectTo: names).pullbackGraph.simplified()
    var inputs = example.inputs(seed: 6)
    inputs["cotangent"] = (0..<example.result.reduce(1, *)).map { Double($0 % 5) - 1.5 }
    try expectConformance(graph, inputs, threads: 2, executions: 2, tolerance: .sums)
  }
}
