import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

struct OperationConformanceTests {
  @Test(arguments: OperationCase.all + OperationCase.large)
  func everyOperationAgreesWithTheReference(_ example: OperationCase) throws {
    for threads in [1, 3] {
      try expectConformance(
        example.graph, example.inputs(seed: 5), threads: threads,
        tolerance: .of(example.operation))
    }
  }

  @Test(arguments: Operation.Unary.allCases)
  func functionsAreExactAtTheirLimitsAndAccurateBetween(_ function: Operation.Unary) throws {
    var points: [Double] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, 1e-45, -1e-45, 1e-40, -1e-40, 1e-30, 88.7, 89,
      -87.3, -90, -103.9, -104, -110, 3.4e38, -3.4e38, 0.625, 0.7071, 1.4142, 1e-8, -1e-8,
    ]
    points += samples(4000, "wide").map { $0 * 20 }
    points += samples(4000, "narrow").map { $0 * 1.5 }
    points = points.map { Double(Float($0)) }
    let builder = GraphBuilder("function")
    let x = builder.input("x", [points.count])
    builder.output("y", builder.apply(.unary(function), [x]))
    try expectConformance(
      builder.graph, ["x": points], threads: 1, executions: 1, tolerance: .elementwise)
  }

  @Test(arguments: Operation.Binary.allCases)
  func functionsOfTwoPropagateNaNAndInfinity(_ function: Operation.Binary) throws {
    let special: [Double] = [0, 1, -2.5, .infinity, -.infinity, .nan, 1e-45]
    let pairs = special.flatMap { a in special.map { (a, $0) } }
    let builder = GraphBuilder("function")
    let a = builder.input("a", [pairs.count])
    let b = builder.input("b", [pairs.count])
    builder.output("y", builder.apply(.binary(function), [a, b]))
    builder.output("greater", a .> b)
    builder.output("equal", a .== b)
    try expectConformance(
      builder.graph, ["a": pairs.map(\.0), "b": pairs.map(\.1)], threads: 1,
      tolerance: .elementwise)
  }
}
