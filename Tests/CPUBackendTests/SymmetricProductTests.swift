import GraphTestSupport
import TensorGraph
import Testing

/// Products of a matrix and its transpose, of which the engine computes half.
@Suite struct SymmetricProductTests {
  @Test(arguments: [(128, 40), (200, 70), (257, 3), (64, 9)], [1, 2, 3])
  func bothHalvesAreThere(_ shape: (rows: Int, inner: Int), _ threads: Int) throws {
    let builder = GraphBuilder("gram")
    let x = builder.input("x", [shape.rows, shape.inner])
    let y = builder.input("y", [shape.inner, shape.rows])
    builder.output("rows", x.dot(x, transposeRight: true))
    builder.output("columns", y.dot(y, transposeLeft: true))
    builder.output("other", x.dot(y))
    try expectConformance(
      builder.graph,
      ["x": samples(shape.rows * shape.inner, "x"), "y": samples(shape.rows * shape.inner, "y")],
      threads: threads, tolerance: .sums)
  }
}
