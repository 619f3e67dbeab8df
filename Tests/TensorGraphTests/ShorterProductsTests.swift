import TensorGraph
import Testing

@Suite struct ShorterProductsTests {
  /// (ΔᵀX)Wᵀ beside XWᵀ and ((ΔᵀX)Wᵀ)ᵀW beside ΔW, as in derivatives of formed weights, and products that are short
  /// already.
  private static func graph() -> Graph {
    let builder = GraphBuilder("products")
    let delta = builder.input("delta", [3, 6])
    let x = builder.input("x", [3, 8])
    let w = builder.input("w", [6, 8])
    let gradient = delta.dot(x, transposeLeft: true)
    builder.output("forward", x.dot(w, transposeRight: true))
    builder.output("gradient", gradient)
    let overlap = (-gradient).dot(w, transposeRight: true)
    builder.output("overlap", overlap)
    builder.output("backward", delta.dot(w))
    builder.output("turned", gradient.dot(w, transposeRight: true).dot(w, transposeLeft: true))
    builder.output("wide", x.dot(w, transposeRight: true).dot(w))
    builder.output("new", delta.dot(w).dot(w, transposeRight: true))
    builder.output("narrow", delta.dot(w).dot(builder.input("v", [8, 1])))
    return builder.graph
  }

  @Test func productsStayTheSame() {
    let graph = Self.graph().simplified()
    expectEqualOutputs(graph.withShorterProducts().simplified(), graph)
  }

  /// The overlap is Δᵀ(XWᵀ) and the turned one (XWᵀ)ᵀ(ΔW), with known factors; the others are short already.
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
    #expect(
      operations(graph) - operations(shorter) == 2 * 6 * 8 * 6 - 6 * 3 * 6 + 6 * 6 * 8 - 6 * 3 * 8)
  }
}
