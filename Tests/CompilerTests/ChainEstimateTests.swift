import Diagnostics
import TensorGraph
import Testing

@testable import Compiler
@testable import LipschitzBounds

/// The estimate of a chain of dense layers follows the bound that is certified, and so do its derivatives.
@Suite struct ChainEstimateTests {
  /// A chain with weights drawn from a seed.
  struct Case: Sendable, CustomTestStringConvertible {
    let widths: [Int]
    let activation: String
    let seed: UInt64
    var scale = 1.0
    var testDescription: String { "\(widths) \(activation) ×\(scale) seed \(seed)" }

    static let all: [Case] =
      [[3, 5, 2], [6, 4, 4, 3], [10, 8, 8, 8, 8, 4], [4, 1, 2], [5, 1, 5, 2]].flatMap { widths in
        (0..<2 as Range<UInt64>).map { Case(widths: widths, activation: "relu", seed: $0) }
      } + [
        Case(widths: [4, 6, 6, 3], activation: "sigmoid", seed: 5),
        Case(widths: [4, 6, 3], activation: "{leaky_relu: 0.2}", seed: 6),
        Case(widths: [4, 6, 6, 3], activation: "relu", seed: 7, scale: 1e-4),
        Case(widths: [4, 6, 6, 3], activation: "relu", seed: 8, scale: 1e4),
      ]

    func draw(_ name: String, _ count: Int) -> [Double] {
      let stream = CounterRandom.stream(seed: seed, name)
      return (0..<count).map {
        2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1
      }
    }

    func chain() throws -> DenseChain {
      let hidden = widths.dropFirst().dropLast().map { "dense: \($0), \(activation)" }
      let text = """
        lmt: 1
        name: chain
        network:
          input: [\(widths[0])]
          layers: [\(hidden.joined(separator: ", ")), dense: \(widths[widths.count - 1])]
        """
      var diagnostics: [Diagnostic] = []
      let compilation = try #require(
        Pipeline.compile(SourceFile(path: "chain.yaml", text: text), &diagnostics),
        "\(diagnostics)")
      return try #require(compilation.bounds.plan.nodes.last?.chain)
    }
  }

  /// The estimate as a graph of the weights.
  struct Estimate {
    let chain: DenseChain
    let graph: Graph
    private var inputs: [String: [Double]] = [:]

    init(_ item: Case) throws {
      chain = try item.chain()
      let builder = GraphBuilder("estimate")
      let weights = chain.layers.map { builder.input($0.weight, [$0.outputs, $0.inputs]) }
      let estimate = ChainEstimate(
        chain, operands: Dictionary(uniqueKeysWithValues: zip(chain.layers.map(\.weight), weights)),
        steps: 100, counter: builder.input("counter", []), seed: 1)
      builder.output("norm", estimate.norm)
      builder.output("rows", estimate.rows)
      for (layer, gradient) in zip(
        chain.layers, estimate.norm.gradients(withRespectTo: weights))
      {
        builder.output("norm by \(layer.weight)", gradient)
        inputs[layer.weight] = item.draw(layer.weight, layer.outputs * layer.inputs).map {
          Double(Float(item.scale * $0))
        }
      }
      graph = builder.graph.simplified()
      inputs["counter"] = [0]
      for name in estimate.vectors {
        let vector = try #require(graph.inputs.first { $0.name == name })
        inputs[name] = item.draw(name, graph[vector.value].type.count)
      }
    }

    func weight(_ layer: DenseChain.Layer) -> [Double] { inputs[layer.weight] ?? [] }

    /// The outputs once the kept vectors have found the norms.
    func outputs(with changes: [String: [Double]] = [:]) -> [String: [Double]] {
      var inputs = inputs.merging(changes) { $1 }
      var outputs: [String: [Double]] = [:]
      for _ in 0..<4 {
        outputs = ReferenceEvaluator(graph).evaluate(inputs)
        for name in inputs.keys where name.hasPrefix("power/") { inputs[name] = outputs[name] }
      }
      return outputs
    }

    /// What is certified for weights, which are rounded to float32.
    func certified() throws -> QuadraticChain {
      let inputs = inputs
      return try #require(chain.bound({ inputs[$0]?.map(Float.init) ?? [] }, .single))
    }
  }

  @Test(arguments: Case.all) func theEstimateIsWhatIsCertified(_ item: Case) throws {
    let estimate = try Estimate(item)
    let (outputs, certified) = (estimate.outputs(), try estimate.certified())
    let norm = try #require(outputs["norm"])[0]
    #expect(norm <= certified.norm.value * (1 + 1e-12))
    #expect(abs(norm - certified.norm.value) < 1e-7 * norm)
    let count = estimate.chain.layers[estimate.chain.layers.count - 1].outputs
    let rows = try #require(outputs["rows"])
    let width = rows.count / count
    for i in 0..<count {
      for j in 0..<i {
        let square = (0..<width).reduce(0.0) {
          let difference = rows[i * width + $1] - rows[j * width + $1]
          return $0 + difference * difference
        }
        let bound = certified.differences[i * count + j].value
        #expect(abs(square.squareRoot() - bound) < 1e-6 * norm)
      }
    }
  }

  @Test(arguments: Case.all.filter { $0.scale == 1 })
  func derivativesAreThoseOfTheEstimate(_ item: Case) throws {
    let estimate = try Estimate(item)
    let outputs = estimate.outputs()
    let norm = try #require(outputs["norm"])[0]
    for layer in estimate.chain.layers {
      let weight = estimate.weight(layer)
      let direction = item.draw("direction", weight.count)
      func moved(_ step: Double) throws -> Double {
        let moved = zip(weight, direction).map { $0 + step * $1 }
        return try #require(estimate.outputs(with: [layer.weight: moved])["norm"])[0]
      }
      let step = 1e-5
      let change = (try moved(step) - moved(-step)) / (2 * step)
      let gradient = try #require(outputs["norm by \(layer.weight)"])
      let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(slope - change) < 1e-6 * norm)
    }
  }

  @Test func aDeadLayerHasNoConstant() throws {
    let estimate = try Estimate(Case.all[0])
    let layer = estimate.chain.layers[0]
    let outputs = estimate.outputs(
      with: [layer.weight: Array(repeating: 0, count: layer.outputs * layer.inputs)])
    #expect(try #require(outputs["norm"])[0] < 1e-12)
    #expect(outputs.values.allSatisfy { $0.allSatisfy(\.isFinite) })
  }
}
