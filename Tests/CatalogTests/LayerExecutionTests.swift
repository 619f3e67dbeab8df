import CPUBackend
import Execution
import GraphTestSupport
@testable import RoundingAnalysis
import TensorGraph
import Testing

/// Every layer in the engines that run it: the CPU engine, in prediction and in training with
/// derivatives, and the enclosing evaluator.
struct LayerExecutionTests {
  /// float32 sums of up to some thousand terms, and quotients by the square roots of variances.
  static let tolerance = 2e-5

  @Test(arguments: LayerCase.all)
  func theEngineAgreesWithTheReference(_ layerCase: LayerCase) throws {
    for isTraining in [false, true] {
      let names = ["x"] + layerCase.parameters.map { "layer.\($0.name)" }
      let check = GradientCheck(layerCase.graph(isTraining: isTraining), withRespectTo: names)
      let graph = check.pullbackGraph
      let engine = try CPUBackend(threads: 2).compile(graph)
      let reference = ReferenceBackend().compile(graph)
      var inputs = layerCase.parameterValues(seed: 5)
      for input in graph.inputs where inputs[input.name] == nil {
        let count = graph[input.value].type.count
        inputs[input.name] = Draw(seed: 5, input.name).centered(count, scale: 2)
      }
      for executable in [engine, reference] {
        for (name, elements) in inputs {
          executable.withInput(name) { buffer in
            for i in buffer.indices { buffer[i] = Float(elements[i]) }
          }
        }
        try executable.execute()
      }
      for output in graph.outputs {
        let found = engine.read(output.name).elements
        let wanted = reference.read(output.name).elements
        let largest = wanted.reduce(1) { max($0, $1.magnitude) }
        let error = zip(found, wanted).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
        #expect(Double(error) <= Self.tolerance * Double(largest), "\(output.name)")
      }
    }
  }

  @Test(arguments: LayerCase.all)
  func derivativesOfTrainingAgreeWithDifferences(_ layerCase: LayerCase) {
    let trained = layerCase.parameters.filter { $0.role != .statistic }
    let names = ["x"] + trained.map { "layer.\($0.name)" }
    let check = GradientCheck(layerCase.graph(isTraining: true), withRespectTo: names)
    for seed in 0..<10 as Range<UInt64> {
      var inputs = layerCase.parameterValues(seed: seed)
      inputs["x"] = Draw(seed: seed, "x").centered(layerCase.inputCount, scale: 3)
      inputs["counter"] = [3]
      let (difference, gradient, scale) = check.compare(inputs, seed: seed)
      #expect(abs(difference - gradient) <= 1e-8 * scale, "seed \(seed)")
    }
  }

  @Test(arguments: LayerCase.all)
  func theEnclosureHoldsTheValueAndIsNarrow(_ layerCase: LayerCase) {
    let graph = layerCase.graph(batch: 1)
    let parameters = layerCase.parameterValues(seed: 7).mapValues { $0.map { Float($0) } }
    let count = layerCase.inputCount(batch: 1)
    let sparse = (0..<count).map { $0 == count / 2 ? Float(1) : 0 }
    for sample in [Draw(seed: 7, "x").centered(count, scale: 2).map { Float($0) }, sparse] {
      let evaluator = EnclosingEvaluator(graph, fed: "x") { parameters[$0]! }
      let (lower, upper) = evaluator.enclose([sample[...]], output: "y")[0]
      var inputs = parameters.mapValues { $0.map(Double.init) }
      inputs["x"] = sample.map(Double.init)
      for (index, value) in evaluate(graph, inputs: inputs)["y"]!.enumerated() {
        let slack = 1e-13 * max(1, abs(value))
        #expect(lower[index] <= value + slack && value - slack <= upper[index])
        #expect(upper[index] - lower[index] <= 1e-9 * max(1, abs(value)))
      }
    }
  }
}
