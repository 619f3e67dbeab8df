import TensorGraph
import Testing

@Suite struct ShorterProductsTests {
  /// (ΔᵀX)Wᵀ beside XWᵀ, as in the derivative of a formed weight, and products that are short already.
  private static func graph() -> Graph {
    let builder = GraphBuilder("products")
    let delta = builder.input("delta", [3, 6])
    let x = builder.input("x", [3, 8])
    let w = builder.input("w", [6, 8])
    let gradient = delta.dot(x, transposeLeft: true)
    builder.output("forward", x.dot(w, transposeRight: true))
    builder.output("gradient", gradient)
    builder.output("overlap", (-gradient).dot(w, transposeRight: true))
    builder.output("wide", x.dot(w, transposeRight: true).dot(w))
    builder.output("new", delta.dot(w).dot(w, transposeRight: true))
    builder.output("narrow", delta.dot(w).dot(builder.input("v", [8, 1])))
    return builder.graph
  }

  @Test func productsStayTheSame() {
    let graph = Self.graph().simplified()
    let shorter = graph.withShorterProducts().simplified()
    #expect(shorter.verify().isEmpty)
    var inputs: [String: [Double]] = [:]
    for (index, input) in graph.inputs.enumerated() {
      inputs[input.name] = (0..<graph[input.value].type.count).map {
        Double(($0 * 7 + index * 3) % 11) - 4.5
      }
    }
    let (wanted, found) = (
      ReferenceEvaluator(graph).evaluate(inputs), ReferenceEvaluator(shorter).evaluate(inputs)
    )
    for output in graph.outputs {
      let pairs = zip(wanted[output.name] ?? [], found[output.name] ?? [])
      #expect(pairs.allSatisfy { abs($0 - $1) < 1e-9 }, "\(output.name)")
    }
  }

  /// The overlap is Δᵀ(XWᵀ) with a known factor; the others are short already.
  @Test func operationsAreSaved() {
    func operations(_ graph: Graph) -> Int {
      graph.nodes.reduce(0) { sum, node in
        guard case .dot(let isTransposed, _) = node.operation else { return sum }
        let inner = graph[node.operands[0]].type.shape[isTransposed ? 0 : 1]
        return sum + node.type.count * inner
      }
    }
    let graph = Self.graph().simplified()
    let shorter = graph.withShorterProducts().simplified()
    #expect(operations(graph) - operations(shorter) == 6 * 8 * 6 - 6 * 3 * 6)
  }
}
