import Certification
import Execution
import ModelIR
import Testing

@testable import Commands
@testable import Compiler
@testable import Training

/// The factor that brings the initial weights' bound to a number.
@Suite struct InitialScaleTests {
  /// Eight blocks x + A x, each with a constant of about 4.
  private static let residual =
    "network.layers=[{dense: 16}, {repeat: {times: 8, layers: [{residual: {branch: [dense: 16]}}, max_min]}},"
    + " {dense: 3}]"
  private static let lmt = "train.loss={lmt: 0.3}"

  private static func compilation(_ settings: [String]) throws -> Compilation {
    try Workplace().loading(set: settings).compilation
  }

  /// The bound of the initial weights by the product rule.
  private static func bound(_ settings: [String]) throws -> Double {
    let compilation = try compilation(settings)
    let norms = NetworkBounds(compilation, weights: compilation.initialWeights).norms
    return compilation.bounds.network.evaluate { norms[$0].upper }.value
  }

  @Test func unusableBoundsAreBroughtToTen() throws {
    let bound = try Self.bound([Self.residual, Self.lmt])
    #expect(bound <= 10.001)
    #expect(bound > 9.9)
    #expect(try Self.bound([Self.residual, "train.loss=cross_entropy"]) > 1000)
  }

  @Test(arguments: [0.5, 1, 300]) func aNumberIsReached(wanted: Double) throws {
    for loss in [Self.lmt, "train.loss=cross_entropy"] {
      let bound = try Self.bound([Self.residual, loss, "train.initial_lipschitz=\(wanted)"])
      #expect(abs(bound / wanted - 1) < 0.01, "\(bound)")
    }
  }

  @Test func usableBoundsAndFormedWeightsStay() throws {
    let chain = "network.layers=[{dense: 8}, max_min, {dense: 3}]"
    let weights = try Self.compilation([chain, Self.lmt]).initialWeights
    let same = try Self.compilation([chain, "train.loss=cross_entropy"]).initialWeights
    #expect(weights.tensors == same.tensors)
    let formed = "network.layers=[{dense: {units: 3, parametrization: orthogonal}}]"
    #expect(try Self.bound([formed, "train.initial_lipschitz=5"]) <= 1.001)
  }
}
