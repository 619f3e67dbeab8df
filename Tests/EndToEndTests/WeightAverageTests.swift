import TensorGraph
import Testing

@testable import Commands
@testable import Compiler
@testable import Training

/// The moving average of weights that is stored in their place.
@Suite struct WeightAverageTests {
  static let settings = [
    "train.average=0.8", "train.epochs=2",
    "network.layers=[dense: 8, batch_norm, relu, {dense: {units: 3, parametrization: orthogonal}}]",
  ]

  /// Against the recurrence in Double, after every step.
  @Test func theAverageFollowsItsFormula() throws {
    let trainer = try Workplace().loading(set: Self.settings).trainer()
    var averages: [String: [Double]] = [:]
    var step = 0.0
    while !trainer.isFinished {
      _ = try trainer.advance()
      step += 1
      let decay = min(0.8, (step - 1) / (step + 9))
      let tensors = trainer.snapshot().tensors
      let names = tensors.keys.filter { tensors[WeightAverage.name(of: $0)] != nil }
      #expect(names.count == 8)
      for name in names {
        let new = tensors[name]!.elements.map(Double.init)
        let old = averages[name] ?? new.map { _ in 0 }
        averages[name] = zip(old, new).map { decay * $0 + (1 - decay) * $1 }
        let kept = tensors[WeightAverage.name(of: name)]!.elements
        for (found, expected) in zip(kept, averages[name]!) {
          #expect(abs(Double(found) - expected) <= 1e-5 * max(1, abs(expected)), "\(name)")
        }
      }
    }
    #expect(step == 8)
  }

  @Test func theAverageIsWhatIsStored() throws {
    let place = try Workplace()
    let (loading, weights) = try place.train(set: Self.settings)
    let trainer = try loading.trainer()
    while !trainer.isFinished { _ = try trainer.advance() }
    let state = trainer.snapshot().tensors
    let bias = try #require(state[WeightAverage.name(of: "dense_1.bias")])
    #expect(weights["dense_1.bias"] == bias)
    #expect(weights["dense_1.bias"] != state["dense_1.bias"])
    #expect(try loading.certify(weights).summary.cleanAccuracy > 0.4)
  }

  @Test func withoutADecayNothingIsAveraged() throws {
    let trainer = try Workplace().loading(set: ["train.average=0"]).trainer()
    #expect(!trainer.snapshot().tensors.keys.contains { $0.hasSuffix("/average") })
  }
}
