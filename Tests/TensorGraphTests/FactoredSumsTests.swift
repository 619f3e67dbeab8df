import TensorGraph
import Testing

@Suite struct FactoredSumsTests {
  /// Sums whose factors are constant, partly constant and varying along the summed axes.
  private static func graph() -> Graph {
    let builder = GraphBuilder("sums")
    let x = builder.input("x", [3, 4, 2, 5])
    let channel = builder.input("channel", [4])
    let column = builder.input("column", [5])
    let scalar = builder.input("scalar", [])
    let perChannel = channel.broadcast(to: x.shape, axes: [1])
    let perColumn = column.broadcast(to: x.shape, axes: [3])
    let number = scalar.broadcast(to: x.shape, axes: [])
    let space = [0, 2, 3]
    builder.output("channels", (x * perChannel).sum(axes: space))
    builder.output("negated", (-(perChannel * x)).sum(axes: space))
    builder.output("number", (x * number * 0.5).sum(axes: space))
    builder.output("twice", (x * perChannel + x * perChannel).sum(axes: [0, 2]))
    builder.output("columns", (x * perColumn).sum(axes: space))
    builder.output("all", (x * perChannel).sum())
    return builder.graph
  }

  @Test func sumsStayTheSame() {
    let graph = Self.graph().simplified()
    expectEqualOutputs(graph.withFactoredSums().simplified(), graph)
  }

  /// The first three share one sum over x; those of factors that vary keep their own.
  @Test func equalSumsAreShared() {
    let factored = Self.graph().simplified().withFactoredSums().simplified()
    let sums = factored.nodes.count { node in
      if case .reduce(.sum, _) = node.operation { true } else { false }
    }
    #expect(sums == 4)
  }
}
