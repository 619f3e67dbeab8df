import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Training on the manifold of orthonormal rows: tangent gradients and retractions.
@Suite struct StiefelTests {
  private static let maps = [(5, 5), (3, 7), (7, 3), (1, 4)].map {
    FilterMap(rows: $0, columns: $1)
  }
  private static let entry = StiefelParametrization.decoded("")

  /// Rows or columns that are orthonormal up to the ε of the factorization.
  private static func orthonormal(_ map: FilterMap) -> [Double] {
    let free = ParametrizationTests.balanced([map.rows, map.columns])
    return evaluate(graph(map) { entry.weight(from: $0, of: map) }, inputs: ["v": free])["y"]!
  }

  private static func graph(_ map: FilterMap, _ body: (Tensor) -> Tensor) -> Graph {
    let builder = GraphBuilder("stiefel")
    builder.output("y", body(builder.input("v", [map.rows, map.columns])))
    return builder.graph
  }

  /// The largest element of WWᵀ − I, or of WᵀW − I for more rows than columns.
  private static func excess(_ weight: [Double], _ map: FilterMap) -> Double {
    products(weight, weight, map).map { abs($0.value - ($0.row == $0.column ? 1 : 0)) }.max()!
  }

  /// The elements of A·Bᵀ, or of Aᵀ·B for more rows than columns.
  private static func products(
    _ a: [Double], _ b: [Double], _ map: FilterMap
  ) -> [(row: Int, column: Int, value: Double)] {
    let isTall = map.rows > map.columns
    let (count, length) = (min(map.rows, map.columns), max(map.rows, map.columns))
    func element(_ matrix: [Double], _ i: Int, _ k: Int) -> Double {
      isTall ? matrix[k * map.columns + i] : matrix[i * map.columns + k]
    }
    return (0..<count * count).map { place in
      let (i, j) = (place / count, place % count)
      return (i, j, (0..<length).reduce(0) { $0 + element(a, i, $1) * element(b, j, $1) })
    }
  }

  @Test(arguments: maps) func theTrainedWeightIsTheTensor(_ map: FilterMap) {
    let free = ParametrizationTests.balanced([map.rows, map.columns])
    let graph = Self.graph(map) { Self.entry.trainedWeight(from: $0, of: map) }
    for (a, b) in zip(free, evaluate(graph, inputs: ["v": free])["y"]!) { #expect(a == b) }
  }

  /// A gradient G is tangent where GWᵀ is skew-symmetric, and turns into the given one within the tangent space.
  @Test(arguments: maps) func gradientsAreTangent(_ map: FilterMap) {
    let w = Self.orthonormal(map)
    let slope = ParametrizationTests.freeTensors([map.rows, map.columns])[0]
    let builder = GraphBuilder("gradient")
    let free = builder.input("v", [map.rows, map.columns])
    let given = builder.input("slope", [map.rows, map.columns])
    let value = (Self.entry.trainedWeight(from: free, of: map) * given).sum()
    builder.output("y", value.gradients(withRespectTo: [free])[0])
    let gradient = evaluate(builder.graph, inputs: ["v": w, "slope": slope])["y"]!
    let skew = Self.products(gradient, w, map)
    let count = min(map.rows, map.columns)
    for (row, column, value) in skew {
      #expect(abs(value + skew[column * count + row].value) < 1e-4)
    }
    let along = zip(gradient, slope).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(count == 1 && map.columns == 1 || along > 0.01)
  }

  /// Singular values that are off by e come back to O(e²).
  @Test(arguments: maps) func retractionsComeNearer(_ map: FilterMap) throws {
    let retraction = try #require(Self.entry.retraction)
    let graph = Self.graph(map, retraction.retracted)
    let noise = ParametrizationTests.freeTensors([map.rows, map.columns])[0]
    let moved = zip(Self.orthonormal(map), noise).map { 1.1 * $0 + 0.03 * $1 }
    let once = evaluate(graph, inputs: ["v": moved])["y"]!
    let twice = evaluate(graph, inputs: ["v": once])["y"]!
    #expect(Self.excess(moved, map) > 0.15)
    #expect(Self.excess(once, map) < 0.03)
    #expect(Self.excess(twice, map) < 1e-3)
  }
}
