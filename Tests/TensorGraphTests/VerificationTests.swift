import GraphTestSupport
import TensorGraph
import Testing

/// The verifier finds each way in which a graph can be broken, and nothing in sound graphs.
struct VerificationTests {
  /// A change that breaks one invariant of ``sound``.
  struct Break: Sendable, CustomStringConvertible {
    let description: String
    let place: GraphFault.Place
    let apply: @Sendable (inout Graph) -> Void

    init(
      _ description: String, _ place: GraphFault.Place,
      _ apply: @escaping @Sendable (inout Graph) -> Void
    ) {
      self.description = description
      self.place = place
      self.apply = apply
    }
  }

  /// %0 x [2, 3], %1 w [2, 3] persistent, %2 sum, %3 its reduction.
  static var sound: Graph {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [2, 3])
    let w = builder.input("w", [2, 3], isPersistent: true)
    let total = x + w
    let scalar = total.sum()
    builder.output("w", total)
    builder.output("loss", scalar)
    return builder.graph
  }

  static let breaks: [Break] = [
    Break("operand later", .node(2)) {
      $0.nodes[2] = Node(.binary(.add), [Value(0), Value(3)], TensorType([2, 3]))
    },
    Break("operand itself", .node(2)) {
      $0.nodes[2] = Node(.binary(.add), [Value(0), Value(2)], TensorType([2, 3]))
    },
    Break("operand negative", .node(2)) {
      $0.nodes[2] = Node(.binary(.add), [Value(0), Value(-1)], TensorType([2, 3]))
    },
    Break("wrong type", .node(3)) {
      $0.nodes[3] = Node(.reduce(.sum, axes: [0, 1]), [Value(2)], TensorType([1]))
    },
    Break("wrong arity", .node(2)) {
      $0.nodes[2] = Node(.binary(.add), [Value(0)], TensorType([2, 3]))
    },
    Break("broken rule", .node(3)) {
      $0.nodes[3] = Node(.reduce(.sum, axes: [2]), [Value(2)], TensorType([]))
    },
    Break("zero stride", .node(3)) {
      $0.nodes[3] = Node(
        .sumPool(PoolWindow(kernel: [1, 1], strides: [0, 1])), [Value(2)], TensorType([]))
    },
    Break("short window", .node(3)) {
      $0.nodes[3] = Node(
        .convolution(ConvolutionWindow(kernel: [1])), [Value(2), Value(2)], TensorType([]))
    },
    Break("negative extent", .node(3)) {
      $0.nodes[3] = Node(.splat(0), [], TensorType([-1]))
    },
    Break("literal of another size", .node(3)) {
      $0.nodes[3] = Node(.literal(Literal([1, 2])), [], TensorType([3]))
    },
    Break("input name twice", .input(1)) {
      $0.nodes[1] = Node(.input("x"), [], TensorType([2, 3]))
      $0.inputs[1] = .init(name: "x", value: Value(1), isPersistent: true)
      $0.outputs.remove(at: 0)
    },
    Break("input not a node", .input(0)) {
      $0.inputs[0] = .init(name: "x", value: Value(9), isPersistent: false)
    },
    Break("input of another name", .input(0)) {
      $0.inputs[0] = .init(name: "z", value: Value(0), isPersistent: false)
    },
    Break("undeclared input", .node(0)) { $0.inputs.remove(at: 0) },
    Break("output name twice", .output(1)) {
      $0.outputs[1] = .init(name: "w", value: Value(2))
    },
    Break("output not a node", .output(1)) {
      $0.outputs[1] = .init(name: "loss", value: Value(4))
    },
    Break("update of another type", .output(0)) {
      $0.outputs[0] = .init(name: "w", value: Value(3))
    },
    Break("update of an input that is not persistent", .output(0)) {
      $0.outputs[0] = .init(name: "x", value: Value(2))
    },
  ]

  @Test(arguments: breaks)
  func brokenGraphIsFoundAtItsPlace(_ broken: Break) {
    var graph = Self.sound
    broken.apply(&graph)
    #expect(graph.verify().map(\.place).contains(broken.place))
  }

  @Test func soundGraphsHaveNoFaults() {
    #expect(Self.sound.verify() == [])
    for operationCase in OperationCase.all {
      #expect(operationCase.graph.verify() == [])
    }
  }

  @Test(arguments: 0..<20)
  func randomGraphsHaveNoFaults(_ seed: Int) {
    #expect(RandomGraph.make(seed: UInt64(seed)).verify() == [])
  }
}
