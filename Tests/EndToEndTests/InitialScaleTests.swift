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

  @Test func usableBoundsStay() throws {
    let chain = "network.layers=[{dense: 8}, max_min, {dense: 3}]"
    let weights = try Self.compilation([chain, Self.lmt]).initialWeights
    let same = try Self.compilation([chain, "train.loss=cross_entropy"]).initialWeights
    #expect(weights.tensors == same.tensors)
  }

  /// Free weights alone are scaled, beside formed ones of norm 1.
  @Test func formedWeightsStay() throws {
    let formed = "{dense: {units: 6, parametrization: orthogonal, name: formed}}"
    let network = "network.layers=[\(formed), max_min, {dense: 3}]"
    let settings = [network, "train.initial_lipschitz=5"]
    #expect(abs(try Self.bound(settings) / 5 - 1) < 0.01)
    let loading = try Workplace().loading(set: settings)
    #expect(loading.warnings.isEmpty)
    let usual = try Self.compilation([network]).initialWeights
    #expect(loading.compilation.initialWeights["formed.weight"] == usual["formed.weight"])
    #expect(loading.compilation.initialWeights["dense_2.weight"] != usual["dense_2.weight"])
  }

  @Test func aNumberThatChangesNothingIsReported() throws {
    let formed = "network.layers=[{dense: {units: 3, parametrization: orthogonal}}]"
    let place = try Workplace(
      Workplace.tiny.replacing("  epochs: 3", with: "  initial_lipschitz: 5\n  epochs: 3"))
    let warnings = try place.loading(set: [formed]).warnings
    #expect(warnings.map(\.id.description) == ["spec.initial-lipschitz"])
    let shown = try place.lmtc("compile", "spec.yaml", "--set", formed)
    #expect(shown.code == 0 && shown.errors.contains("spec.yaml:12:22"), "\(shown.errors)")
    #expect(try place.loading().warnings.isEmpty)
  }
}
