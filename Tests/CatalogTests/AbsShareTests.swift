import GraphTestSupport
import TensorGraph
import Testing

@testable import Catalog

/// `abs` takes a share of the channels, up to rounding: 0.07 of 100 are seven, as the checker counts them too.
struct AbsShareTests {
  @Test(arguments: [
    (0, 4, 0), (0.2, 4, 1), (0.25, 4, 1), (0.3, 4, 2), (0.75, 4, 3), (1, 4, 4), (0.07, 100, 7),
    (0.29, 100, 29), (0.1, 30, 3), (1e-9, 4, 1),
  ])
  func sharesOfChannelsAreCounted(_ share: Double, _ channels: Int, _ folded: Int) throws {
    let layer = LayerCase(AbsLayer.self, "{share: \(share)}", inputs: [[channels]])
    let count = LayerCase.batch * channels
    let values = evaluate(layer.graph(), inputs: ["x": Array(repeating: -1, count: count)])
    #expect(values["y"] == (0..<count).map { $0 % channels < folded ? 1 : -1 })
  }
}
