import ModelIR
import Testing

@testable import Catalog

/// Wrong constants that the probe of ``LayerTests`` has to catch.
struct MutationTests {
  struct Mutant: Sendable, CustomTestStringConvertible {
    let layer: LayerCase
    let wrongConstant: Double
    let testDescription: String

    init(_ type: any Layer.Type, _ keys: String, _ inputs: [[Int]], _ constant: Double) {
      layer = LayerCase(type, keys, inputs: inputs)
      wrongConstant = constant
      testDescription = "\(type.kind) \(keys) as \(constant)"
    }
  }

  static let mutants = [
    Mutant(MaxPoolLayer.self, "{kernel: 3, stride: 1}", [[1, 4, 4]], 1),
    Mutant(MaxPoolLayer.self, "{kernel: 3, stride: 2, padding: 1}", [[1, 5, 5]], 1),
    Mutant(GELULayer.self, "", [[5]], 1),
    Mutant(GELULayer.self, "", [[5]], 1.1289 - 0.003),
    Mutant(SiLULayer.self, "", [[5]], 1),
    Mutant(SELULayer.self, "", [[5]], 1.0507010221481323),
    Mutant(LeakyReLULayer.self, "{slope: -1.5}", [[4]], 1),
    Mutant(ELULayer.self, "{alpha: 1.7}", [[4]], 1),
    Mutant(SigmoidLayer.self, "", [[4]], 0.24),
    Mutant(NormalizeLayer.self, "{mean: 0.1307, std: 0.3081}", [[1, 3, 3]], 1),
    Mutant(NormalizeLayer.self, "{mean: 0, std: [0.5, 2]}", [[2, 3, 3]], 0.5),
    Mutant(StandardizeLayer.self, "", [[3]], 0.5),
    Mutant(ScaleLayer.self, "{factor: [0.5, -3, 0]}", [[3, 2, 2]], 0.5),
    Mutant(AddLayer.self, "", [[3], [3]], 1),
    Mutant(GlobalAvgPoolLayer.self, "", [[2, 3, 4]], 1.0 / 12),
    Mutant(AvgPoolLayer.self, "{kernel: 2, stride: 1}", [[1, 5, 5]], 0.5),
    Mutant(UpsampleLayer.self, "{factor: 2}", [[2, 2, 3]], 1),
    Mutant(PixelShuffleLayer.self, "{factor: 2}", [[8, 2, 3]], 0.99),
    Mutant(CenterLayer.self, "{over: channels}", [[3, 2, 2]], 0.99),
    Mutant(LPPoolLayer.self, "{kernel: 3, stride: 2, padding: 1}", [[1, 5, 5]], 1),
    Mutant(LPPoolLayer.self, "{kernel: 2, p: 1}", [[1, 4, 4]], 1),
    Mutant(MishLayer.self, "", [[5]], 1.0885 - 0.003),
    Mutant(HardSigmoidLayer.self, "", [[4]], 0.16),
    Mutant(SoftmaxLayer.self, "", [[3, 2, 2]], 0.49),
    Mutant(MaxoutLayer.self, "{size: 3}", [[6]], 0.99),
    Mutant(GroupSortLayer.self, "{size: 3}", [[6, 2, 1]], 0.99),
    Mutant(InstanceNormLayer.self, "{epsilon: 0.1}", [[2, 3, 2]], 3.1),
    // Normalization as if the standard deviation were 1.
    Mutant(InstanceNormLayer.self, "{epsilon: 0.1}", [[2, 3, 2]], 1),
    Mutant(GroupNormLayer.self, "{groups: 2, epsilon: 1e-3, affine: false}", [[6]], 1),
    Mutant(LayerNormLayer.self, "{epsilon: 0.1, affine: false}", [[5]], 1),
    Mutant(BatchNormLayer.self, "{affine: false}", [[3, 2, 2]], 1),
    Mutant(LayerNormLayer.self, "{epsilon: 1e-4, affine: false}", [[3, 6, 4]], 99),
  ]

  @Test(arguments: mutants)
  func aWrongConstantIsExceeded(_ mutant: Mutant) {
    let probe = LipschitzProbe(mutant.layer.graph())
    let limit = mutant.wrongConstant * (1 + LayerTests.rounding)
    let isExceeded = (0..<40 as Range<UInt64>).contains {
      probe.largestRatio(parameters: mutant.layer.parameterValues(seed: $0), seed: $0) > limit
    }
    #expect(isExceeded)
  }

  @Test func aScaledNormIsExceeded() {
    let layer = LayerCase(
      Conv2DLayer.self, "{filters: 3, kernel: 3, padding: 1}", inputs: [[2, 4, 4]])
    let parameters = layer.parameterValues(seed: 1)
    let ratio = LipschitzProbe(layer.graph()).largestRatio(parameters: parameters, seed: 1)
    #expect(ratio > 0.99 * layer.claimedConstant(parameters))
  }
}
