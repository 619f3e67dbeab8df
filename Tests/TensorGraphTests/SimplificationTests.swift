import GraphTestSupport
import TensorGraph
import Testing

/// Simplification keeps outputs, comes to rest, and does what it promises.
struct SimplificationTests {
  @Test(arguments: 0..<100)
  func outputsOfRandomGraphsStay(_ seed: Int) {
    let graph = RandomGraph.make(seed: UInt64(seed))
    let simple = graph.simplified()
    #expect(simple.verify() == [])
    #expect(simple.simplified() == simple)
    #expect(simple.nodes.count <= graph.nodes.count)
    #expect(simple.inputs.map(\.name) == graph.inputs.map(\.name))
    let inputs = RandomGraph.inputs(seed: UInt64(seed))
    let (before, after) = (evaluate(graph, inputs: inputs), evaluate(simple, inputs: inputs))
    for (name, elements) in before {
      for (old, new) in zip(elements, after[name] ?? []) {
        #expect(old == new || abs(old - new) <= 1e-12 * max(abs(old), 1), "\(name) of \(seed)")
      }
      #expect(elements.count == after[name]?.count)
    }
  }

  @Test(arguments: OperationCase.all)
  func gradientsOfEveryOperationStay(_ operationCase: OperationCase) {
    let names = operationCase.operands.indices.map { "x\($0)" }
    let graph = GradientCheck(operationCase.graph, withRespectTo: names).pullbackGraph
    let simple = graph.simplified()
    #expect(simple.verify() == [])
    var inputs = operationCase.inputs(seed: 5)
    inputs["cotangent"] = (0..<operationCase.result.reduce(1, *)).map { Double($0 % 5) - 1.5 }
    #expect(evaluate(simple, inputs: inputs) == evaluate(graph, inputs: inputs))
  }

  /// The nodes other than inputs that remain of an output.
  private func remaining(_ make: (inout GraphBuilder, Value) -> Value) -> [Operation] {
    var builder = GraphBuilder("g")
    let x = builder.input("x", [2, 3])
    builder.output("y", make(&builder, x))
    return builder.graph.simplified().nodes.dropFirst().map(\.operation)
  }

  @Test func identitiesVanish() {
    #expect(remaining { $0.scale($1, by: 1) } == [])
    #expect(remaining { $0.add($0.splat(0), $1) } == [])
    #expect(remaining { $0.subtract($1, $0.splat(0)) } == [])
    #expect(remaining { $0.divide($1, $0.splat(1)) } == [])
    #expect(remaining { $0.unary(.negate, $0.unary(.negate, $1)) } == [])
    #expect(remaining { $0.transpose($0.transpose($1, [1, 0]), [1, 0]) } == [])
    #expect(remaining { $0.reshape($0.reshape($1, [6]), [2, 3]) } == [])
    #expect(remaining { $0.stopGradient($1) } == [])
    #expect(remaining { $0.select($0.splat(1, like: $1), $1, $0.unary(.exp, $1)) } == [])
    #expect(remaining { $0.maximum($1, $1) } == [])
    #expect(remaining { $0.scale($1, by: -1) } == [.unary(.negate)])
    #expect(remaining { $0.subtract($1, $0.unary(.negate, $1)) } == [.binary(.add)])
    #expect(
      remaining { $0.dot($1, $0.transpose($1, [1, 0])) }
        == [.dot(transposeLeft: false, transposeRight: true)])
    #expect(
      remaining { $0.maximum(of: $0.maximum(of: $1, axes: [1]), axes: [0]) }
        == [.reduce(.maximum, axes: [0, 1])])
  }

  @Test func constantsFold() {
    #expect(remaining { $0.broadcast($0.splat(3), to: $0.shape($1), axes: []) } == [.splat(3)])
    #expect(remaining { $0.sum($0.splat(3, like: $1)) } == [.splat(18)])
    #expect(
      remaining { builder, _ in
        builder.add(builder.splat(3), builder.unary(.sqrt, builder.splat(4)))
      } == [.splat(5)])
    #expect(
      remaining { builder, _ in
        let literal = builder.literal([1, 2], [1, 2])
        return builder.dot(literal, literal, transposeRight: true)
      } == [.splat(5)])
  }

  @Test func productWithZeroStays() {
    #expect(remaining { $0.scale($1, by: 0) } == [.splat(0), .binary(.multiply)])
  }

  @Test func equalNodesAreSharedWhateverTheOrder() {
    let operations = remaining { builder, x in
      let (a, b) = (builder.unary(.exp, x), builder.unary(.tanh, x))
      return builder.multiply(builder.add(a, b), builder.add(b, a))
    }
    #expect(operations == [.unary(.exp), .unary(.tanh), .binary(.add), .binary(.multiply)])
  }

  @Test func notANumberComesToRest() {
    let operations = remaining { $0.add($1, $0.unary(.sqrt, $0.splat(-1, like: $1))) }
    #expect(operations.count == 2)
  }

  @Test func unusedInputsStay() {
    var builder = GraphBuilder("g")
    _ = builder.input("unused", [2])
    let x = builder.input("x", [])
    _ = builder.unary(.exp, x)
    builder.output("x2", x)
    let simple = builder.graph.simplified()
    #expect(simple.inputs.map(\.name) == ["unused", "x"])
    #expect(simple.nodes.count == 2)
  }
}
