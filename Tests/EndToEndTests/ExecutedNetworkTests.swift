import CPUBackend
import Compiler
import Enclosure
import Execution
import TensorGraph
import Testing
import Training

@testable import Certification
@testable import Commands
@testable import Files
@testable import RoundingAnalysis

/// The engine's logits lie within the analyzed errors of the exact ones, at every point tried in the
/// ball, for networks drawn from a seed and for the shipped ones.
@Suite struct ExecutedNetworkTests {
  /// A network with weights, its analysis and the engine.
  struct Subject {
    let samples: SampleSet
    let evaluators: [RoundingEvaluator]
    let bounds: NetworkBounds
    /// The same for execution in float64, by all bounds.
    let doubleEvaluator: RoundingEvaluator
    let double: DoubleExecution
    /// What the plain evaluator makes of an input in float64.
    let reference: ([Float]) -> [Double]
    let engines: [any Executable]
    let predictsAsAnalyzed: Bool

    init(_ loading: SpecLoading, scale: Float = 1) throws {
      let model = loading.compilation.model
      let weights = Weights(
        loading.compilation.initialWeights.tensors.mapValues { tensor in
          HostTensor(tensor.shape, tensor.elements.map { $0 * scale })
        })
      samples = try loading.samples(.test)
      bounds = NetworkBounds(loading.compilation, effort: .operations(8e7), weights: weights)
      let analyzed = AnalyzedPrediction(model: model)
      // By the bounds of the rest of the network, from layer to layer, and element by element throughout.
      let layers = bounds.analyzedLayers(of: analyzed)
      let rest = LaunchConstants(analyzed, bounds.rest)
      evaluators = [(layers, rest), (layers, nil), ([], nil)].map { layers, rest in
        RoundingEvaluator(
          analyzed.graph, fed: Prediction.images, output: Prediction.logits, layers: layers,
          rest: rest
        ) { weights.elements(of: $0) }
      }
      doubleEvaluator = RoundingEvaluator(
        analyzed.graph, fed: Prediction.images, output: Prediction.logits, format: .binary64,
        layers: layers, rest: rest
      ) { weights.elements(of: $0) }
      double = DoubleExecution(analyzed.graph, fed: Prediction.images, output: Prediction.logits) {
        weights.elements(of: $0)
      }
      let parameters = weights.tensors.mapValues { $0.elements.map(Double.init) }
      reference = { input in
        let fed = [Prediction.images: input.map(Double.init)]
        return evaluate(analyzed.graph, inputs: parameters.merging(fed) { $1 })[Prediction.logits]!
      }
      let prediction = Prediction(model: model, batch: 4)
      predictsAsAnalyzed = analyzed.describes(prediction)
      engines = try [1, 2].map { threads in
        let engine = try CPUBackend(threads: threads).compile(prediction.graph)
        for (name, tensor) in weights.tensors
        where prediction.graph.inputs.contains(where: { $0.name == name }) {
          engine.write(name, tensor)
        }
        return engine
      }
    }

    /// The logits of both engines for four inputs.
    func executed(_ inputs: [[Float]]) throws -> [[[Float]]] {
      try engines.map { engine in
        engine.write(
          Prediction.images, HostTensor([inputs.count, inputs[0].count], inputs.flatMap { $0 }))
        try engine.execute()
        let logits = engine.read(Prediction.logits).elements
        let classes = logits.count / inputs.count
        return inputs.indices.map { Array(logits[$0 * classes..<($0 + 1) * classes]) }
      }
    }

    /// The largest ratio of an engine's error to the analyzed one over the first four samples and some
    /// points of their balls.
    func worstRatio(radius: Double, seed: UInt64) throws -> Double {
      let centers = try (0..<4).map { Array(try samples[$0]) }
      let radii = centers.map { _ in UpperBound(proven: radius) }
      let analyzed = evaluators.map { $0.evaluate(centers.map { $0[...] }, radii: radii) }
      var worst = 0.0
      for draw in 0..<3 as Range<UInt64> {
        let points = centers.indices.map { slot in
          Self.point(of: centers[slot], radius: radius, seed: seed, draw: 4 * draw + UInt64(slot))
        }
        let exact = evaluators[0].evaluate(
          points.map { $0[...] }, radii: points.map { _ in .zero })
        for logits in try executed(points) {
          for slot in points.indices {
            for result in analyzed {
              worst = max(worst, ratio(logits[slot], exact[slot], result[slot]))
            }
          }
        }
      }
      return worst
    }

    /// The largest ratio of the difference of two executions in float64 to the analyzed errors of both, over
    /// the first four samples and some points of their balls.
    func worstDoubleRatio(radius: Double, seed: UInt64) throws -> Double {
      let centers = try (0..<4).map { Array(try samples[$0]) }
      let analyzed = doubleEvaluator.evaluate(
        centers.map { $0[...] }, radii: centers.map { _ in UpperBound(proven: radius) })
      var worst = 0.0
      for draw in 0..<3 as Range<UInt64> {
        let points = centers.indices.map { slot in
          Self.point(of: centers[slot], radius: radius, seed: seed, draw: 4 * draw + UInt64(slot))
        }
        let executed = double.execute(points.map { $0[...] })
        for slot in points.indices {
          let other = reference(points[slot])
          for i in other.indices {
            let off = abs(executed[slot][i] - other[i])
            worst = max(worst, off / (2 * analyzed[slot].error[i].value))
          }
        }
      }
      return worst
    }

    private func ratio(
      _ logits: [Float], _ exact: AnalyzedOutput, _ analyzed: AnalyzedOutput
    ) -> Double {
      var worst = 0.0
      for (i, logit) in logits.enumerated() {
        let off = max(exact.lower[i] - Double(logit), Double(logit) - exact.upper[i], 0)
        worst = max(worst, off / analyzed.error[i].value)
        for j in 0..<i {
          let difference = Double(logit) - Double(logits[j])
          let off = max(
            exact.lower[i] - exact.upper[j] - difference,
            difference - exact.upper[i] + exact.lower[j], 0)
          worst = max(worst, off / analyzed.differenceError(i, j).value)
        }
      }
      return worst
    }

    /// A point at a distance of 0.99 of the radius, or nearer.
    static func point(of center: [Float], radius: Double, seed: UInt64, draw: UInt64) -> [Float] {
      let stream = CounterRandom.stream(seed: seed, "ball")
      let direction = center.indices.map {
        CounterRandom.uniform(stream: stream, counter: draw, index: UInt64($0)) - 0.5
      }
      let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = draw % 3 == 0 ? 0 : 0.99 * radius / norm
      return zip(center, direction).map { Float(Double($0) + factor * $1) }
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomNetworksStayWithinTheErrors(seed: UInt64) throws {
    let network = RandomNetwork(seed: seed)
    let data = ["data.test_samples=4", "train.seed=\(seed)"]
    guard let loading = try? Workplace().loading(set: network.overrides + data) else { return }
    let scales: [Float] = [1, 0x1p10, 0x1p-60]
    let scale = scales[Int(seed % 3)]
    let subject = try Subject(loading, scale: scale)
    #expect(subject.predictsAsAnalyzed, "\(network.layers)")
    for radius in [0, 0.3, 50] {
      let ratio = try subject.worstRatio(radius: radius, seed: seed)
      #expect(ratio <= 1, "\(network.layers) at \(radius), scaled by \(scale)")
    }
  }

  /// Two programs that sum in different orders are both within the errors.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomNetworksInDoubleStayWithinTheErrors(seed: UInt64) throws {
    let network = RandomNetwork(seed: seed)
    let data = ["data.test_samples=4", "train.seed=\(seed)"]
    guard let loading = try? Workplace().loading(set: network.overrides + data) else { return }
    let subject = try Subject(loading, scale: [1, 0x1p10, 0x1p-60][Int(seed % 3)])
    for radius in [0, 0.3] {
      let ratio = try subject.worstDoubleRatio(radius: radius, seed: seed)
      #expect(ratio <= 1, "\(network.layers) at \(radius)")
    }
  }

  static let specs =
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/specs"

  @Test(arguments: ["mnist-lmt", "residual", "waves-conv1d"])
  func shippedNetworksStayWithinTheErrors(spec: String) throws {
    let loading = try SpecLoading(Invocation(specPath: "\(Self.specs)/\(spec).yaml"))
    let subject = try Subject(loading)
    #expect(subject.predictsAsAnalyzed)
    for radius in [0, 1.0] {
      let ratio = try subject.worstRatio(radius: radius, seed: 7)
      #expect(ratio <= 1)
      // The worst case of every rounding, not an arbitrary number.
      #expect(ratio > 1e-6)
      let doubleRatio = try subject.worstDoubleRatio(radius: radius, seed: 7)
      #expect(doubleRatio <= 1 && doubleRatio > 1e-6)
    }
  }
}
