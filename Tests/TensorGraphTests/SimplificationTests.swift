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
  private func remaining(_ make: (Tensor) -> Tensor) -> [Operation] {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [2, 3])
    builder.output("y", make(x))
    return builder.graph.simplified().nodes.dropFirst().map(\.operation)
  }

  @Test func identitiesVanish() {
    #expect(remaining { $0 * 1 } == [])
    #expect(remaining { 0 + $0 } == [])
    #expect(remaining { $0 - 0 } == [])
    #expect(remaining { $0 / 1 } == [])
    #expect(remaining { -(-$0) } == [])
    #expect(remaining { $0.transposed([1, 0]).transposed([1, 0]) } == [])
    #expect(remaining { $0.reshaped([6]).reshaped([2, 3]) } == [])
    #expect(remaining { stopGradient($0) } == [])
    #expect(remaining { select($0.constant(1), $0, exp($0)) } == [])
    #expect(remaining { max($0, $0) } == [])
    #expect(remaining { $0 * -1 } == [.unary(.negate)])
    #expect(remaining { $0 - (-$0) } == [.binary(.add)])
    #expect(
      remaining { $0.dot($0.transposed([1, 0])) }
        == [.dot(transposeLeft: false, transposeRight: true)])
    #expect(
      remaining { $0.maximum(axes: [1]).maximum(axes: [0]) }
        == [.reduce(.maximum, axes: [0, 1])])
  }

  @Test func constantsFold() {
    #expect(remaining { $0.builder.constant(3).broadcast(to: $0.shape, axes: []) } == [.splat(3)])
    #expect(remaining { $0.constant(3).sum() } == [.splat(18)])
    #expect(
      remaining { $0.builder.constant(3) + sqrt($0.builder.constant(4)) } == [.splat(5)])
    #expect(
      remaining { x in
        let literal = x.builder.literal([1, 2], [1, 2])
        return literal.dot(literal, transposeRight: true)
      } == [.splat(5)])
  }

  @Test func productWithZeroStays() {
    #expect(remaining { $0 * 0 } == [.splat(0), .binary(.multiply)])
  }

  @Test func equalNodesAreSharedWhateverTheOrder() {
    let operations = remaining { x in
      let (a, b) = (exp(x), tanh(x))
      return (a + b) * (b + a)
    }
    #expect(operations == [.unary(.exp), .unary(.tanh), .binary(.add), .binary(.multiply)])
  }

  @Test func notANumberComesToRest() {
    let operations = remaining { $0 + sqrt($0.constant(-1)) }
    #expect(operations.count == 2)
  }

  @Test func unusedInputsStay() {
    let builder = GraphBuilder("g")
    _ = builder.input("unused", [2])
    let x = builder.input("x", [])
    _ = exp(x)
    builder.output("x2", x)
    let simple = builder.graph.simplified()
    #expect(simple.inputs.map(\.name) == ["unused", "x"])
    #expect(simple.nodes.count == 2)
  }
}
