import Testing
import Training

@testable import Certification
@testable import Commands
@testable import Reporting

/// The derivation that `compile --explain-bounds` prints is that of the bound.
@Suite struct BoundExplanationTests {
  private func explanation(_ layers: String) throws -> (BoundExplanation, Double) {
    let loading = try Workplace().loading(set: ["network.layers=\(layers)"])
    let compilation = loading.compilation
    let numbers = NetworkBounds(compilation, weights: loading.compilation.initialWeights)
    return (
      BoundExplanation(compilation.model, compilation.bounds, numbers), numbers.upper.value
    )
  }

  @Test func sharesOfAChainAddUpToTheWhole() throws {
    let (found, _) = try explanation("[dense: 8, abs, dense: 6, abs, dense: 3]")
    let shares = found.lines.compactMap(\.share)
    #expect(shares.count == found.lines.count)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(found.norms.map(\.name) == ["σ(dense_1)", "σ(dense_2)", "σ(dense_3)", "‖wᵢ − wⱼ‖"])
    #expect(found.norms.allSatisfy { !$0.lines.isEmpty })
  }

  @Test func theLastLineIsTheNetworksBound() throws {
    for layers in [
      "[dense: 8, relu, dense: 3]", "[{residual: {branch: [dense: 4]}}, relu, dense: 3]",
    ] {
      let (found, upper) = try explanation(layers)
      #expect(found.lines.last?.step.best.upper.value == upper)
      #expect(found.text.contains("L(\(found.lines.last?.node.name ?? ""))"))
    }
  }

  @Test func composedOperatorsNameTheLinesOfTheirLayers() throws {
    let (found, _) = try explanation("[{residual: {branch: [dense: 4]}}, abs, dense: 3]")
    let region = try #require(found.norms.first { $0.name == "σ((1 + dense_1))" })
    #expect(region.lines.count == 1)
    #expect(region.method != "sum")
  }
}
