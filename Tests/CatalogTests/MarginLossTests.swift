import Foundation
import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// The losses beside `lmt` and `cross_entropy`, against formulas written out per sample.
struct MarginLossTests {
  static let c = 0.4

  /// One sample: its logits, its label, and the constants K_ij of all differences.
  struct Sample {
    let logits: [Double]
    let label: Int
    let constants: [[Double]]

    var others: [Int] { logits.indices.filter { $0 != label } }

    func radius(_ other: Int) -> Double {
      (logits[label] - logits[other]) / constants[label][other]
    }
  }

  static func constant(
    _ i: Int, _ j: Int, _ inputs: [String: [Double]], pairwise: Bool
  ) -> Double {
    if i == j { return 0 }
    if !pairwise { return 2.0.squareRoot() * inputs["network"]![0] }
    let (d, w) = (LossTests.features, inputs["weight"]!)
    return inputs["before"]![0] * norm((0..<d).map { w[i * d + $0] - w[j * d + $0] })
  }

  static func samples(_ inputs: [String: [Double]], pairwise: Bool) -> [Sample] {
    let k = LossTests.classes
    let constants = (0..<k).map { i in
      (0..<k).map { j in constant(i, j, inputs, pairwise: pairwise) }
    }
    return LossTests.labels.enumerated().map { index, label in
      Sample(
        logits: Array(inputs["logits"]![(index * k)..<((index + 1) * k)]), label: label,
        constants: constants)
    }
  }

  static func crossEntropy(_ logits: [Double], _ targets: [Double]) -> Double {
    zip(targets, logits).map { target, logit in
      target * log(logits.map { exp($0 - logit) }.reduce(0, +))
    }.reduce(0, +)
  }

  static func crossEntropy(_ logits: [Double], _ label: Int) -> Double {
    crossEntropy(logits, logits.indices.map { $0 == label ? 1 : 0 })
  }

  /// The loss of a batch by its definition.
  typealias Definition = @Sendable ([Sample], _ network: Double) -> Double

  static func mean(_ loss: @escaping @Sendable (Sample, Double) -> Double) -> Definition {
    { samples, network in
      samples.map { loss($0, network) }.reduce(0, +) / Double(samples.count)
    }
  }

  static let gloro = mean { sample, _ in
    let predicted = sample.logits.indices.max { sample.logits[$0] < sample.logits[$1] }!
    let reached = sample.logits.indices.filter { $0 != predicted }.map {
      sample.logits[$0] + c * sample.constants[predicted][$0]
    }
    return crossEntropy(sample.logits + [reached.max()!], sample.label)
  }

  static let emma = mean { sample, _ in
    var moved = sample.logits
    for i in sample.others {
      moved[i] += min(max(sample.radius(i) / c, 0.01), 1) * c * sample.constants[sample.label][i]
    }
    return crossEntropy(moved, sample.label)
  }

  static let crm = mean { sample, _ in
    let radii = sample.others.map(sample.radius)
    let plain = crossEntropy(sample.logits, sample.label)
    guard radii.min()! > 0, radii.min()! < c else { return plain }
    return plain + 3 / 7 * log(radii.map { exp(-7 * $0) }.reduce(0, +))
  }

  static let offset = mean { sample, _ in
    let logits = sample.logits.enumerated().map { i, logit in
      8 * (i == sample.label ? logit - 2.0.squareRoot() * c : logit)
    }
    return crossEntropy(logits, smoothed(sample.label, 0.1)) / 8
  }

  static let tempered = mean { sample, network in
    let logits = sample.logits.indices.map {
      5 * (sample.logits[$0] + c * sample.constants[sample.label][$0]) / network
    }
    return crossEntropy(logits, smoothed(sample.label, 0.2))
  }

  static let hkr: Definition = { samples, network in
    let classes = samples[0].logits.indices
    let distance = classes.map { k in
      let (own, rest) = (samples.filter { $0.label == k }, samples.filter { $0.label != k })
      func mean(_ part: [Sample]) -> Double {
        part.map { $0.logits[k] / network }.reduce(0, +) / Double(part.count)
      }
      return mean(own) - mean(rest)
    }
    let hinge = samples.map { sample in
      classes.map { k -> Double in
        let f = sample.logits[k] / network
        if k == sample.label { return max(0, 0.25 - f) }
        return max(0, 0.25 + f) / Double(classes.count - 1)
      }.reduce(0, +)
    }.reduce(0, +)
    let mean = distance.reduce(0, +) / Double(classes.count)
    return 0.9 * hinge / Double(samples.count) - 0.1 * mean
  }

  static let wasserstein: Definition = { samples, _ in
    let classes = samples[0].logits.indices
    var differences: [Double] = []
    for i in classes {
      for j in classes where j > i {
        func mean(_ label: Int) -> Double {
          let part = samples.filter { $0.label == label }
          let values = part.map { ($0.logits[i] - $0.logits[j]) / $0.constants[i][j] }
          return values.reduce(0, +) / Double(max(1, part.count))
        }
        differences.append(mean(i) - mean(j))
      }
    }
    return -differences.reduce(0, +) / Double(differences.count)
  }

  static func smoothed(_ label: Int, _ share: Double) -> [Double] {
    (0..<LossTests.classes).map {
      share / Double(LossTests.classes) + ($0 == label ? 1 - share : 0)
    }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let isPairwise: Bool
    let loss: any Loss
    let definition: Definition
    var testDescription: String { name + (isPairwise ? " pairwise" : " global") }
  }

  static let cases: [Case] =
    [true, false].flatMap { pairwise in
      let variant = "variant: \(pairwise ? "pairwise" : "global")"
      return [
        Case(
          name: "gloro", isPairwise: pairwise, loss: GloRoLoss.decoded("{c: 1, \(variant)}"),
          definition: gloro),
        Case(
          name: "emma", isPairwise: pairwise, loss: EMMALoss.decoded("{c: 1, \(variant)}"),
          definition: emma),
        Case(
          name: "crm", isPairwise: pairwise,
          loss: CRMLoss.decoded("{c: 1, weight: 3, sharpness: 7, \(variant)}"),
          definition: crm),
        Case(
          name: "lmt with a temperature", isPairwise: pairwise,
          loss: LMTLoss.decoded("{c: 1, alpha: false, temperature: 5, smoothing: 0.2, \(variant)}"),
          definition: tempered),
        Case(
          name: "offset", isPairwise: pairwise,
          loss: OffsetLoss.decoded("{c: 1, temperature: 8, smoothing: 0.1}"),
          definition: offset),
        Case(
          name: "hkr", isPairwise: pairwise, loss: HKRLoss.decoded("{alpha: 0.9, margin: 0.5}"),
          definition: hkr),
      ]
    } + [
      Case(
        name: "wasserstein", isPairwise: true, loss: WassersteinLoss.decoded(""),
        definition: wasserstein)
    ]

  @Test(arguments: cases) func lossIsItsDefinition(_ test: Case) {
    let graph = LossTests.graph(test.loss)
    for seed in 0..<20 as Range<UInt64> {
      let inputs = LossTests.inputs(seed: seed, spread: 2)
      let samples = Self.samples(inputs, pairwise: test.isPairwise)
      let expected = test.definition(samples, inputs["network"]![0])
      #expect(abs(evaluate(graph, inputs: inputs)["y"]![0] - expected) <= 1e-12, "seed \(seed)")
    }
  }

  /// Logits at which no share is between its limits and no sample at the edge of a case.
  @Test(arguments: cases) func gradientsAreThoseOfDifferences(_ test: Case) {
    let check = GradientCheck(
      LossTests.graph(test.loss), withRespectTo: ["logits", "network", "before", "weight"])
    for seed in 0..<20 as Range<UInt64> {
      var inputs = LossTests.inputs(seed: seed, spread: 1)
      inputs["logits"] = [9, 1, 0, 5, -3, 2, -1, 8, 0.5, 0.1, 0.2, 0.4]
      if test.name == "emma" { inputs["logits"]?.replaceSubrange(9..., with: [-4, 0, 6]) }
      let (difference, gradient, scale) = check.compare(inputs, seed: seed)
      #expect(abs(difference - gradient) <= 1e-7 * scale, "seed \(seed)")
    }
  }

  @Test(arguments: cases) func equalRowsAndTiedLogitsHaveFiniteGradients(_ test: Case) {
    let graph = LossTests.graph(test.loss)
    let builder = GraphBuilder(extending: graph)
    let inputs = ["logits", "weight", "before", "network"].map { name in
      builder.tensor(graph.inputs.first { $0.name == name }!.value)
    }
    let y = builder.tensor(graph.outputs[0].value)
    for (index, gradient) in y.gradients(withRespectTo: inputs).enumerated() {
      builder.output("g\(index)", gradient)
    }
    var values = LossTests.inputs(seed: 2, spread: 1)
    values["weight"] = [0.3, -0.7, 0.3, -0.7, 0.3, -0.7]
    values["logits"] = Array(repeating: 0.5, count: 12)
    for c in [0, 0.4] {
      values["c"] = [c]
      let results = evaluate(builder.graph, inputs: values).values
      #expect(results.allSatisfy { $0.allSatisfy(\.isFinite) })
    }
  }

  /// A certified prediction has the additional class below the predicted one, any other above it.
  @Test func gloroPunishesExactlyWhatIsNotCertified() {
    let graph = LossTests.graph(GloRoLoss.decoded("{c: 1}"))
    var inputs = LossTests.inputs(seed: 3, spread: 1)
    inputs["weight"] = [1, 0, 0, 0, 0, 0]
    let constant = 1.2 * Self.c
    for (gap, isCertified) in [(constant * 1.01, true), (constant * 0.99, false)] {
      inputs["logits"] = [gap, 0, -50, -50, -50, 500, -50, 500, -50, -50, -50, 500]
      let y = evaluate(graph, inputs: inputs)["y"]![0] * 4
      let top = log(exp(gap) + 1 + exp(constant)) - gap
      #expect(abs(y - top) <= 1e-9)
      #expect((exp(-y) > 1 / (2 + exp(-gap))) == isCertified)
    }
  }
}
