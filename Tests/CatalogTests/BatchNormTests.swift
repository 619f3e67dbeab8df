import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Batch normalization in training against numbers worked out by hand.
struct BatchNormTests {
  static let layer = LayerCase(
    BatchNormLayer.self, "{epsilon: 0.25, momentum: 0.5}", inputs: [[2, 2]])
  /// Channel 0 holds 1, 3 and 5, 7, with mean 4 and variance 5; channel 1 holds 2 four times.
  static let inputs: [String: [Double]] = [
    "x": [1, 3, 2, 2, 5, 7, 2, 2], "counter": [1], "layer.weight": [2, -1],
    "layer.bias": [0.5, 3], "layer.running_mean": [8, 0], "layer.running_var": [1, 4],
  ]

  @Test func trainingUsesTheBatchAndMovesTheStatistics() throws {
    let values = evaluate(Self.layer.graph(isTraining: true), inputs: Self.inputs)
    let deviation = 5.25.squareRoot()
    let expected = [1, 3, 5, 7].map { 2 * ($0 - 4) / deviation + 0.5 }
    let y = try #require(values["y"])
    for (found, wanted) in zip([y[0], y[1], y[4], y[5]], expected) {
      #expect(abs(found - wanted) <= 1e-15)
    }
    #expect([y[2], y[3], y[6], y[7]] == [3, 3, 3, 3])
    #expect(values["new layer.running_mean"] == [6, 1])
    // The running variance takes 20/3, the one without bias; the bound takes 5.
    #expect(abs(values["new layer.running_var"]![0] - (0.5 + 10.0 / 3)) <= 1e-15)
    #expect(values["new layer.running_var"]![1] == 2)
    #expect(values["bound layer.running_var"] == [5, 0])
  }

  @Test func predictionUsesTheStatistics() {
    var inputs = Self.inputs
    inputs["counter"] = nil
    let y = evaluate(Self.layer.graph(), inputs: inputs)["y"]!
    #expect(abs(y[0] - (2 * (1 - 8) / 1.25.squareRoot() + 0.5)) <= 1e-14)
    #expect(abs(y[2] - (-1 * (2 - 0) / 4.25.squareRoot() + 3)) <= 1e-14)
  }

  @Test func aSingleValueHasNoSpread() {
    let layer = LayerCase(BatchNormLayer.self, "{affine: false}", inputs: [[3]])
    let inputs: [String: [Double]] = [
      "x": [1, -2, 5], "counter": [1], "layer.running_mean": [0, 0, 0],
      "layer.running_var": [1, 1, 1],
    ]
    let values = evaluate(layer.graph(isTraining: true, batch: 1), inputs: inputs)
    #expect(values["y"] == [0, 0, 0])
    #expect(values["new layer.running_var"] == [0.9, 0.9, 0.9])
  }
}
