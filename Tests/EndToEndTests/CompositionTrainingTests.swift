import LipschitzBounds
import Testing

@testable import Certification
@testable import Commands
@testable import Training

/// The key `train.composition`: the estimate follows the bound that it stands for.
@Suite struct CompositionTrainingTests {
  private func estimate(_ composition: String, _ layers: String) throws -> Double {
    let loading = try Workplace().loading(
      set: [
        "network.layers=\(layers)", "train.composition=\(composition)", "train.epochs=1",
        "train.optimizer={sgd: 0}", "train.power_iterations=60",
      ])
    let trainer = try loading.trainer()
    var last = 0.0
    while !trainer.isFinished { last = try trainer.advance().lipschitz }
    return last
  }

  private func guaranteed(_ layers: String) throws -> (best: Double, product: Double) {
    let loading = try Workplace().loading(set: ["network.layers=\(layers)"])
    let bounds = NetworkBounds(loading.compilation, weights: loading.compilation.initialWeights)
    let product = loading.compilation.bounds.network.evaluate { bounds.norms[$0].upper }
    return (bounds.upper.value, product.value)
  }

  @Test(arguments: [
    "[dense: 8, relu, dense: 8, relu, dense: 3]",
    "[{residual: {branch: [dense: 6, relu, dense: 4]}}, relu, dense: 3]",
  ])
  func splitActivationsLowerTheEstimate(_ layers: String) throws {
    let product = try estimate("product", layers)
    let split = try estimate("liplt", layers)
    let (_, guaranteed) = try guaranteed(layers)
    #expect(abs(product - guaranteed) < 1e-3 * guaranteed)
    #expect(split < 0.99 * product)
  }

  @Test(arguments: ["relu", "sigmoid"])
  func aChainIsEstimatedAsAWhole(_ activation: String) throws {
    let layers = "[dense: 8, \(activation), dense: 8, \(activation), dense: 3]"
    let loading = try Workplace().loading(set: ["network.layers=\(layers)"])
    let bounds = NetworkBounds(loading.compilation, weights: loading.compilation.initialWeights)
    let output = bounds.composed[loading.compilation.model.output]
    let certified = try #require(output.candidates.first { $0.composition == .eclipse }).upper.value
    let eclipse = try estimate("eclipse", layers)
    #expect(abs(eclipse - certified) < 1e-3 * certified)
    #expect(try eclipse < 0.99 * estimate("product", layers))
  }

  /// A chain after other layers multiplies their estimate; without a chain regions are estimated.
  @Test(arguments: [
    ("[{residual: {branch: [dense: 4, relu]}}, dense: 8, relu, dense: 3]", true),
    ("[{residual: {branch: [dense: 4, relu]}}, dense: 3]", false),
  ])
  func chainsBeginAfterOtherLayers(_ layers: String, hasChain: Bool) throws {
    let (eclipse, regions) = (try estimate("eclipse", layers), try estimate("regions", layers))
    #expect(hasChain ? eclipse < 0.99 * regions : abs(eclipse - regions) < 1e-6 * regions)
  }

  @Test func regionsJoinLinearLayers() throws {
    let layers =
      "[{residual: {branch: [dense: 4]}}, {scale: {factor: [1, 0.1, 1, 0.1]}}, abs, dense: 3]"
    let joint = try estimate("regions", layers)
    #expect(try estimate("product", layers) > 1.05 * joint)
    let (best, _) = try guaranteed(layers)
    #expect(abs(joint - best) < 1e-3 * best)
  }
}
