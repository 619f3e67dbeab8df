import Catalog
import ModelIR
import Testing

/// A bound that is a thousandth too small is seen for every kind of layer: the tests of bounds would notice
/// such a rule, whatever the layer.
struct WrongConstantTests {
  /// The largest ratio of a pair, or of a derivative, to the bound of any example of a kind.
  private func best(_ type: any Layer.Type) -> Double {
    var best = 0.0
    for item in LayerCase.all where item.kind == type.kind {
      let probe = LipschitzProbe(item.graph(batch: 1))
      let count = item.inputCount(batch: 1)
      for seed in 0..<120 as Range<UInt64> where best < 0.9991 {
        let parameters = item.parameterValues(seed: seed)
        let constant = item.claimedConstant(parameters)
        guard constant > 0 else { continue }
        best = max(best, probe.largestRatio(parameters: parameters, seed: seed) / constant)
        // Steepest places of functions of one element, which random ones seldom hit.
        guard case .elementwise = item.bound else { continue }
        let place = Double(seed) / 16 - 3.75
        let (x, y) = (place - 0x1p-10, place + 0x1p-10)
        let ratio = probe.ratio(
          Array(repeating: x, count: count), Array(repeating: y, count: count), parameters)
        best = max(best, ratio / constant)
      }
    }
    return best
  }

  @Test(arguments: Catalog.layers.map { $0.kind })
  func aThousandthIsSeen(_ kind: String) throws {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    let found = best(type)
    #expect(found > 0.999, "\(kind): \(found)")
  }
}
