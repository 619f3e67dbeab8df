import TensorGraph
import Testing

@testable import Verifier

/// Norms are refused below what a vector reaches and accepted a hair above it.
@Suite struct NormCheckTests {
  private static let shapes = [(1, 1), (3, 5), (12, 7), (30, 30), (2, 40)]

  private static func map(
    _ rows: Int, _ columns: Int, seed: UInt64, scale: Double, density: Double = 1
  ) -> LinearMap {
    let stream = CounterRandom.stream(seed: seed, "norm")
    var map = LinearMap(inputs: columns, terms: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let bits = CounterRandom.bits(
          stream: stream, counter: UInt64(row), index: UInt64(column))
        let value = Double(Int64(bitPattern: bits) >> 40) * 0x1p-23
        let isKept = Double(bits & 0xFF) < density * 256
        map.append(column, isKept ? value * scale : 0)
      }
      map.endRow()
    }
    return map
  }

  private static func apply(_ map: LinearMap, _ x: [Double]) -> [Double] {
    (0..<map.outputs).map { row in
      map.row(row).reduce(0) { $0 + map.values[$1] * x[Int(map.columns[$1])] }
    }
  }

  private static func size(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// ‖A v‖/‖v‖ for a v found by power iteration.
  private static func ratio(_ map: LinearMap) -> Double {
    let transposed = map.transposed
    var x = (0..<map.inputs).map { 1 + 0.01 * Double($0) }
    for _ in 0..<3000 {
      let y = apply(transposed, apply(map, x))
      let length = size(y)
      guard length > 0 else { return 0 }
      x = y.map { $0 / length }
    }
    return size(apply(map, x)) / size(x)
  }

  @Test(arguments: shapes.indices, [1.0, 0x1p-100, 0x1p90])
  func norms(_ index: Int, scale: Double) {
    for density in [1.0, 0.3] {
      let (rows, columns) = Self.shapes[index]
      let map = Self.map(rows, columns, seed: UInt64(index), scale: scale, density: density)
      let ratio = Self.ratio(map)
      guard ratio > 0 else { continue }
      #expect(!NormCheck.isBounded(map, by: ratio * (1 - 1e-12)))
      #expect(!NormCheck.isBounded(map, by: ratio * 0.999))
      #expect(NormCheck.isBounded(map, by: ratio * (1 + 1e-9)))
    }
  }

  @Test func noNumberIsAnUpperBound() {
    let map = Self.map(3, 3, seed: 1, scale: 1)
    for claim in [Double.nan, .infinity, -1, 0] { #expect(!NormCheck.isBounded(map, by: claim)) }
  }

  /// A factorisation that breaks down proves nothing, one that completes has been given its slack.
  @Test func singularMatricesAreNotPositive() {
    var matrix = SymmetricMatrix(order: 2)
    (matrix[0, 0], matrix[1, 0], matrix[1, 1]) = (1, 1, 1)
    let slack = matrix.slack.value
    #expect(slack > 0 && slack < 1e-12)
    let isSingular = !matrix.factorise(minus: slack)
    #expect(isSingular)
    (matrix[0, 0], matrix[1, 0], matrix[1, 1]) = (1, 0.5, 1)
    let isPositive = matrix.factorise(minus: slack)
    #expect(isPositive)
  }
}
