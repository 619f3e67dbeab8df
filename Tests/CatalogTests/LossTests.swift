import Foundation
import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Losses against formulas written out per sample, and their gradients, through the bound too.
struct LossTests {
  static let batch = 4
  static let classes = 3
  static let features = 2
  static let labels = [0, 2, 1, 2]

  /// The loss of inputs logits, network, before, weight and c as `y`.
  static func graph(_ loss: any Loss, hasHead: Bool = true) -> Graph {
    let builder = GraphBuilder("loss")
    let logits = builder.input("logits", [batch, classes])
    let network = builder.input("network", [])
    let before = builder.input("before", [])
    let weight = builder.input("weight", [classes, features])
    let c = builder.input("c", [])
    let oneHot = labels.flatMap { label in (0..<classes).map { $0 == label ? 1.0 : 0 } }
    let targets = builder.literal(oneHot, [batch, classes])
    let context = LossContext(
      builder: builder, logits: logits, labels: targets, networkBound: network,
      head: hasHead ? (before, weight) : nil, marginWeight: c)
    builder.output("y", loss.lower(context))
    return builder.graph
  }

  static func inputs(seed: UInt64, spread: Double) -> [String: [Double]] {
    let draw = { (name: String, count: Int, scale: Double) in
      Draw(seed: seed, name).centered(count, scale: scale)
    }
    return [
      "logits": draw("logits", batch * classes, spread), "weight": draw("w", classes * features, 1),
      "network": [1.5], "before": [1.2], "c": [0.4],
    ]
  }

  /// The mean over samples of −log softmax of the logits plus α·a, from the definition.
  static func expected(
    _ inputs: [String: [Double]], pairwise: Bool, alpha: Bool, c: Double
  ) -> Double {
    let w = inputs["weight"]!
    let losses = labels.enumerated().map { sample, label in
      let logits = Array(inputs["logits"]![(sample * classes)..<((sample + 1) * classes)])
      let margins = (0..<classes).map { other -> Double in
        if other == label { return 0 }
        if !pairwise { return 2.0.squareRoot() * c * inputs["network"]![0] }
        let distance = norm(
          (0..<features).map { w[label * features + $0] - w[other * features + $0] })
        return c * inputs["before"]![0] * distance
      }
      let ratios = (0..<classes).filter { $0 != label }.map {
        min(max((logits[label] - logits[$0]) / margins[$0], 0), 1)
      }
      let factor = alpha ? ratios.min()! : 1
      let moved = zip(logits, margins).map { $0 + factor * $1 }
      return log(moved.map { exp($0 - moved[label]) }.reduce(0, +))
    }
    return losses.reduce(0, +) / Double(batch)
  }

  @Test(arguments: [true, false], [true, false])
  func lmtIsItsDefinition(pairwise: Bool, alpha: Bool) {
    let variant = pairwise ? "pairwise" : "global"
    let loss = LMTLoss.decoded("{c: 1, variant: \(variant), alpha: \(alpha)}")
    let graph = Self.graph(loss)
    for seed in 0..<20 as Range<UInt64> {
      let inputs = Self.inputs(seed: seed, spread: 2)
      let expected = Self.expected(inputs, pairwise: pairwise, alpha: alpha, c: 0.4)
      #expect(abs(evaluate(graph, inputs: inputs)["y"]![0] - expected) <= 1e-12, "seed \(seed)")
    }
  }

  @Test func aHandComputedValue() {
    let graph = Self.graph(LMTLoss.decoded("{c: 1, alpha: false}"))
    let inputs: [String: [Double]] = [
      "logits": Array(repeating: 0, count: 12), "weight": [0, 0, 3, 4, 0, 0], "network": [9],
      "before": [2], "c": [0.1],
    ]
    let values = [log(2 + M_E), log(2 + M_E), log(1 + 2 * M_E), log(2 + M_E)]
    let y = evaluate(graph, inputs: inputs)["y"]![0]
    #expect(abs(y - values.reduce(0, +) / 4) <= 1e-14)
  }

  @Test func withoutAHeadPairwiseIsGlobal() {
    let inputs = Self.inputs(seed: 1, spread: 2)
    let pairwise = Self.graph(LMTLoss.decoded("{c: 1}"), hasHead: false)
    let global = Self.graph(LMTLoss.decoded("{c: 1, variant: global}"))
    #expect(evaluate(pairwise, inputs: inputs)["y"] == evaluate(global, inputs: inputs)["y"])
  }

  @Test func crossEntropyIsStableAndSmoothed() {
    let plain = Self.graph(CrossEntropyLoss.decoded(""))
    var inputs = Self.inputs(seed: 1, spread: 2)
    inputs["logits"] = [1e4, 0, 0, 0, 0, 1e4, 0, 1e4, 0, 0, 1e4, 0]
    #expect(evaluate(plain, inputs: inputs)["y"]![0] == 2500)
    let smooth = Self.graph(CrossEntropyLoss.decoded("{smoothing: 0.3}"))
    inputs["logits"] = Array(repeating: 5, count: 12)
    #expect(abs(evaluate(smooth, inputs: inputs)["y"]![0] - log(3)) <= 1e-14)
    inputs["logits"] = Array(repeating: [log(2), 0, 0], count: 4).flatMap { $0 }
    let expected = log(4) - (0.3 / 3 + 0.7 / 4) * log(2)
    #expect(abs(evaluate(smooth, inputs: inputs)["y"]![0] - expected) <= 1e-14)
  }

  @Test(arguments: [
    "{c: 1, alpha: false}", "{c: 1, variant: global, alpha: false}",
  ])
  func gradientsFlowThroughTheBound(_ keys: String) {
    let names = ["logits", "network", "before", "weight", "c"]
    let check = GradientCheck(Self.graph(LMTLoss.decoded(keys)), withRespectTo: names)
    for seed in 0..<20 as Range<UInt64> {
      let inputs = Self.inputs(seed: seed, spread: 2)
      let (difference, gradient, scale) = check.compare(inputs, seed: seed)
      #expect(abs(difference - gradient) <= 1e-8 * scale, "seed \(seed)")
    }
  }

  /// Spread so far that α is 0 or 1 for every sample, where it has no derivative to lose.
  @Test func gradientsHoldWithSaturatedAlpha() {
    let graph = Self.graph(LMTLoss.decoded("{c: 1}"))
    let check = GradientCheck(graph, withRespectTo: ["logits", "before", "weight"])
    for seed in 0..<20 as Range<UInt64> {
      var inputs = Self.inputs(seed: seed, spread: 1)
      inputs["logits"] = [9, 1, 0, 5, -3, 2, -1, 8, 0.5, -4, 0, 6]
      let (difference, gradient, scale) = check.compare(inputs, seed: seed)
      #expect(abs(difference - gradient) <= 1e-8 * scale, "seed \(seed)")
    }
  }

  @Test func equalRowsAndNoMarginHaveFiniteGradients() {
    let graph = Self.graph(LMTLoss.decoded("{c: 1}"))
    let builder = GraphBuilder(extending: graph)
    let y = builder.tensor(graph.outputs[0].value)
    let inputs = ["logits", "weight", "before"].map { name in
      builder.tensor(graph.inputs.first { $0.name == name }!.value)
    }
    let gradients = y.gradients(withRespectTo: inputs)
    for (index, gradient) in gradients.enumerated() { builder.output("g\(index)", gradient) }
    var values = Self.inputs(seed: 2, spread: 1)
    values["weight"] = [0.3, -0.7, 0.3, -0.7, 0.3, -0.7]
    for c in [0, 0.4] {
      values["c"] = [c]
      let isFinite = evaluate(builder.graph, inputs: values).values.allSatisfy {
        $0.allSatisfy { $0.isFinite }
      }
      #expect(isFinite)
    }
  }
}
