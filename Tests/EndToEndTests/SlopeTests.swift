import Diagnostics
import Testing
import Training

@testable import Certification
@testable import Commands

/// No difference of logits rises faster anywhere than its guaranteed constant says.
@Suite struct SlopeTests {
  /// Where slopes are taken: far points saturate activations, near ones do not.
  static let distances = [0, 0.01, 1, 30.0]

  @Test(arguments: 0..<60 as Range<UInt64>)
  func slopesStayBelowTheBound(seed: UInt64) throws {
    let network = RandomNetwork(seed: seed)
    let data = ["data.test_samples=12", "data.separation=2", "data.noise=1", "train.seed=\(seed)"]
    guard let loading = try fitting(network.overrides + data) else { return }
    let weights = loading.compilation.initialWeights
    let bounds = NetworkBounds(loading.compilation, weights: weights)
    let samples = try loading.samples(.test)
    let attack = try LogitAttack(
      model: loading.compilation.model, weights: weights, samples: samples)
    for offset in 1..<3 {
      for distance in Self.distances {
        let slopes = attack.slopes(towards: offset, at: distance)
        for (label, slope) in zip(samples.labels, slopes) {
          let bound = bounds.differences.bound(label, (label + offset) % 3).value
          #expect(slope <= bound * (1 + 1e-12), "\(network.layers)")
          #expect(bound <= 2.0.squareRoot() * bounds.upper.value * (1 + 1e-12))
        }
      }
    }
  }

  @Test func theSlopeOfALinearNetworkIsItsBound() throws {
    let loading = try Workplace().loading(set: ["network.layers=[dense: 3]"])
    let weights = loading.compilation.initialWeights
    let bounds = NetworkBounds(loading.compilation, weights: weights)
    let samples = try loading.samples(.test)
    let slopes = try LogitAttack(
      model: loading.compilation.model, weights: weights, samples: samples
    )
    .slopes(towards: 1, at: 1)
    for (label, slope) in zip(samples.labels, slopes) {
      let bound = bounds.differences.bound(label, (label + 1) % 3).value
      #expect(slope <= bound && slope > bound * (1 - 1e-9))
    }
  }

  @Test func mostRandomNetworksFitTogether() throws {
    let fits = try (0..<40 as Range<UInt64>).count {
      try fitting(RandomNetwork(seed: $0).overrides) != nil
    }
    #expect(fits > 20)
  }

  private func fitting(_ overrides: [String]) throws -> SpecLoading? {
    do {
      return try Workplace().loading(set: overrides)
    } catch let failure as Failure {
      // Windows may be too large for what is left of the image, paddings for theirs, channels odd.
      let areas = Set(failure.diagnostics.map(\.id.area))
      #expect(areas.isSubset(of: [.shape, .spec]), "\(failure.diagnostics)")
      return nil
    }
  }
}
