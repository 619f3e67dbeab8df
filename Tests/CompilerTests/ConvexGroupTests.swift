import TensorGraph
import Testing

@testable import Compiler

/// The projection onto the simplex against its characterization.
@Suite struct ConvexGroupTests {
  static func projected(_ v: [Double]) -> [Double] {
    let builder = GraphBuilder("projection")
    let input = builder.input("v", [v.count])
    builder.output("a", input.simplexProjection())
    return evaluate(builder.graph, inputs: ["v": v])["a"]!
  }

  @Test(arguments: [
    ([0.5, 0.5], [0.5, 0.5]), ([1.2, 0.4], [0.9, 0.1]), ([3, 0], [1, 0]), ([-2, -2], [0.5, 0.5]),
    ([7], [1]), ([0.3, 0.3, 2], [0, 0, 1]), ([1, 1, 0], [0.5, 0.5, 0]),
  ])
  func knownPoints(v: [Double], expected: [Double]) {
    for (a, b) in zip(Self.projected(v), expected) { #expect(abs(a - b) < 1e-15) }
  }

  /// a is the nearest point if and only if ⟨v − a, b − a⟩ ≤ 0 for every corner b.
  @Test func noCornerLiesOnTheOtherSide() {
    for counter in 0..<200 as Range<UInt64> {
      let v = (0..<5).map {
        4 * CounterRandom.uniform(stream: 5, counter: counter, index: UInt64($0)) - 2
      }
      let a = Self.projected(v)
      #expect(a.allSatisfy { $0 >= 0 } && abs(a.reduce(0, +) - 1) < 1e-14)
      let own = zip(v, a).reduce(0) { $0 + ($1.0 - $1.1) * $1.1 }
      for corner in 0..<5 { #expect(v[corner] - a[corner] <= own + 1e-14) }
    }
  }
}
