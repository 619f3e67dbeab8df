import TensorGraph

/// A graph's directional derivatives and pullbacks in Double, to compare with each other.
public struct GradientCheck: Sendable {
  /// The graph: any inputs, the output `y`.
  public let graph: Graph
  /// Names of the inputs to differentiate; the others stay fixed.
  public let names: [String]
  private let pullback: ReferenceEvaluator
  private let forward: ReferenceEvaluator

  /// Differentiates the output `y` of a graph with respect to inputs.
  public init(_ graph: Graph, withRespectTo names: [String]) {
    self.graph = graph
    self.names = names
    forward = ReferenceEvaluator(graph)
    let builder = GraphBuilder(extending: graph)
    let y = builder.tensor(graph.outputs.first { $0.name == "y" }!.value)
    let cotangent = builder.input("cotangent", y.shape)
    let inputs = names.map { name in
      builder.tensor(graph.inputs.first { $0.name == name }!.value)
    }
    for (name, gradient) in zip(names, TensorGraph.pullback(of: [(y, cotangent)], to: inputs)) {
      builder.output("d\(name)", gradient)
    }
    pullback = ReferenceEvaluator(builder.graph)
  }

  /// The graph that also computes the pullbacks, for engines: inputs and `cotangent` to `y` and
  /// `d…`.
  public var pullbackGraph: Graph { pullback.graph }

  /// ⟨cotangent, J·direction⟩ by a central difference and ⟨Jᵀ·cotangent, direction⟩ by the
  /// pullback, for random directions and cotangent of unit scale.
  public func compare(
    _ inputs: [String: [Double]], seed: UInt64, step: Double = 0x1p-17
  ) -> (difference: Double, gradient: Double, scale: Double) {
    let stream = CounterRandom.stream(seed: seed, "gradient check")
    var moved = (inputs, inputs)
    var all = inputs
    let y = graph.outputs.first { $0.name == "y" }!.value
    all["cotangent"] = direction(graph[y].type.count, stream, 1000)
    let gradients = pullback.evaluate(all)
    var (gradient, scale) = (0.0, 1.0)
    for (position, name) in names.enumerated() {
      let d = direction(inputs[name]!.count, stream, UInt64(position))
      moved.0[name] = zip(inputs[name]!, d).map { $0 + step * $1 }
      moved.1[name] = zip(inputs[name]!, d).map { $0 - step * $1 }
      for (a, b) in zip(gradients["d\(name)"]!, d) {
        gradient += a * b
        scale += abs(a * b)
      }
    }
    let (high, low) = (forward.evaluate(moved.0)["y"]!, forward.evaluate(moved.1)["y"]!)
    var difference = 0.0
    for (place, c) in all["cotangent"]!.enumerated() {
      difference += c * (high[place] - low[place]) / (2 * step)
      scale += abs(c * high[place])
    }
    return (difference, gradient, scale)
  }

  private func direction(_ count: Int, _ stream: UInt64, _ counter: UInt64) -> [Double] {
    (0..<count).map {
      2 * CounterRandom.uniform(stream: stream, counter: counter, index: UInt64($0)) - 1
    }
  }
}
