import GraphTestSupport
import TensorGraph
import Testing

/// A small network with the parts that training by Lipschitz margins joins: convolution, pool,
/// dense layer, a norm by power iteration, a loss over the margins.
struct NetworkGradientTests {
  private static let window = ConvolutionWindow(
    kernel: [3, 3], strides: [2, 2], paddingLow: [1, 0], paddingHigh: [0, 1])
  private static let shapes: [(name: String, shape: [Int])] = [
    ("x", [2, 2, 7, 7]), ("filter", [3, 2, 3, 3]), ("weight", [4, 12]), ("v", [1, 2, 7, 7]),
  ]

  /// The loss as the output `y`.
  private static var network: Graph {
    let builder = GraphBuilder("network")
    let inputs = shapes.map { builder.input($0.name, $0.shape) }
    let logits = forward(inputs[0], inputs[1], inputs[2])
    let sigma = norm(inputs[1], inputs[3])
    builder.output("y", log(exp(logits + sigma * 0.3).sum()))
    return builder.graph
  }

  private static func forward(
    _ x: Tensor, _ filter: Tensor, _ weight: Tensor
  ) -> Tensor {
    let activated = max(x.convolved(with: filter, window), 0)
    let pooled = activated.maxPool(PoolWindow(kernel: [2, 2], strides: [1, 1]))
    let flat = pooled.reshaped([2, 12])
    return flat.dot(weight, transposeRight: true)
  }

  /// One step of power iteration on the convolution, its vector fixed: ‖A·v/‖AᵀAv‖…‖.
  private static func norm(_ filter: Tensor, _ v: Tensor) -> Tensor {
    let image = v.convolved(with: filter, window)
    let back = pullback(of: [(image, image)], to: [v])[0]
    let unit = stopGradient(back / back.euclideanNorm())
    return unit.convolved(with: filter, window).euclideanNorm()
  }

  private static func inputs(_ seed: UInt64) -> [String: [Double]] {
    let stream = CounterRandom.stream(seed: seed, "network")
    var inputs: [String: [Double]] = [:]
    for (position, (name, shape)) in shapes.enumerated() {
      inputs[name] = (0..<shape.reduce(1, *)).map {
        2
          * CounterRandom.uniform(
            stream: stream, counter: UInt64(position), index: UInt64($0)) - 1
      }
    }
    return inputs
  }

  @Test(arguments: 0..<20)
  func gradientAgreesWithCentralDifference(_ seed: Int) {
    // The filter's derivative skips the fixed vector, so only x and the weight are compared here.
    let check = GradientCheck(Self.network, withRespectTo: ["x", "weight"])
    let (difference, gradient, scale) = check.compare(
      Self.inputs(UInt64(seed)), seed: UInt64(seed), step: 0x1p-20)
    #expect(abs(difference - gradient) <= 1e-8 * scale)
  }

  @Test func powerIterationConvergesFromBelowToTheNorm() {
    var inputs = Self.inputs(1)
    let builder = GraphBuilder("power")
    let (filter, v) = (builder.input("filter", [3, 2, 3, 3]), builder.input("v", [1, 2, 7, 7]))
    let image = v.convolved(with: filter, Self.window)
    let back = pullback(of: [(image, image)], to: [v])[0]
    let length = back.euclideanNorm()
    builder.output("sigma", sqrt(length))
    builder.output("next", back / length)
    let evaluator = ReferenceEvaluator(builder.graph.simplified())
    var last = 0.0
    for step in 0..<60 {
      let outputs = evaluator.evaluate(inputs.filter { ["filter", "v"].contains($0.key) })
      inputs["v"] = outputs["next"]
      let sigma = outputs["sigma"]![0]
      if step > 1 { #expect(sigma >= last * (1 - 1e-12)) }
      if step == 59 { #expect(sigma - last <= 1e-3 * sigma) }
      last = sigma
    }
  }

  @Test func simplifiedTrainingGraphComputesTheSame() {
    let builder = GraphBuilder(extending: Self.network)
    let loss = builder.tensor(builder.graph.outputs[0].value)
    let weights = builder.graph.inputs[1...2].map { builder.tensor($0.value) }
    for (name, value) in zip(["df", "dw"], loss.gradients(withRespectTo: weights)) {
      builder.output(name, value)
    }
    let simple = builder.graph.simplified()
    #expect(simple.nodes.count < builder.graph.nodes.count)
    #expect(simple.verify() == [])
    let (before, after) = (
      evaluate(builder.graph, inputs: Self.inputs(2)), evaluate(simple, inputs: Self.inputs(2))
    )
    for (name, elements) in before {
      for (old, new) in zip(elements, after[name]!) { #expect(abs(old - new) <= 1e-12) }
    }
  }
}
