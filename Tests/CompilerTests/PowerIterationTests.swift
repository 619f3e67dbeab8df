import CPUBackend
import ModelIR
import TensorGraph
import Testing

@testable import Compiler

/// One step per training step finds the spectral norm and survives a dead operator.
@Suite struct PowerIterationTests {
  static let convolution = LinearOperator(
    name: "conv",
    form: .convolution(
      weight: "conv.weight",
      window: ConvolutionWindow(
        kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1]),
      input: [2, 5, 5], filters: 3))
  static let dense = LinearOperator(
    name: "dense", form: .dense(weight: "dense.weight", inputs: 7, outputs: 4))

  struct Step {
    let graph: Graph
    let shape: [Int]
    let count: Int

    init(_ linear: LinearOperator, weight shape: [Int]) {
      let builder = GraphBuilder("power")
      let weight = builder.input("weight", shape)
      let counter = builder.input("counter", [])
      let power = PowerIteration(
        IteratedOperator(linear), operands: ["\(linear.name).weight": weight], counter: counter,
        seed: 3)
      builder.output("norm", power.norm)
      builder.output("gradient", power.norm.gradients(withRespectTo: [weight])[0])
      graph = builder.graph.simplified()
      self.shape = shape
      count = linear.inputShape.reduce(1, *)
    }

    func iterate(
      _ name: String, weight: [Double], from vector: [Double], steps: Int
    ) -> (norm: Double, gradient: [Double], vector: [Double]) {
      var vector = vector
      var outputs: [String: [Double]] = [:]
      for counter in 0..<steps {
        outputs = evaluate(
          graph,
          inputs: ["weight": weight, "counter": [Double(counter)], "power/\(name)": vector])
        vector = outputs["power/\(name)"]!
      }
      return (outputs["norm"]![0], outputs["gradient"]!, vector)
    }
  }

  static func draw(_ count: Int, _ counter: UInt64) -> [Double] {
    (0..<count).map {
      CounterRandom.uniform(stream: 17, counter: counter, index: UInt64($0)) - 0.5
    }
  }

  @Test(arguments: [(convolution, [3, 2, 3, 3]), (dense, [4, 7])])
  func iteratesToAFixedPointOfTheNorm(linear: LinearOperator, shape: [Int]) {
    let step = Step(linear, weight: shape)
    let weight = Self.draw(shape.reduce(1, *), 1)
    let long = step.iterate(linear.name, weight: weight, from: Self.draw(step.count, 2), steps: 800)
    let other = step.iterate(
      linear.name, weight: weight, from: Self.draw(step.count, 3), steps: 800)
    #expect(abs(long.norm - other.norm) < 1e-9 * long.norm)
    // No unit vector is stretched further.
    for counter in 10..<40 as Range<UInt64> {
      let one = step.iterate(
        linear.name, weight: weight, from: Self.draw(step.count, counter), steps: 1)
      #expect(one.norm <= long.norm * (1 + 1e-12))
    }
    // At the fixed point dσ/dW is the derivative of the spectral norm.
    let direction = Self.draw(weight.count, 4)
    func norm(_ t: Double) -> Double {
      step.iterate(
        linear.name, weight: zip(weight, direction).map { $0 + t * $1 }, from: long.vector,
        steps: 800
      ).norm
    }
    let slope = (norm(1e-5) - norm(-1e-5)) / 2e-5
    let derivative = zip(long.gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(slope - derivative) < 1e-6 * max(1, abs(slope)))
  }

  @Test func aDeadOperatorIsSeededAnew() {
    let step = Step(Self.dense, weight: [4, 7])
    let dead = step.iterate(
      "dense", weight: Array(repeating: 0, count: 28), from: Self.draw(7, 1), steps: 1)
    #expect(dead.norm == 0)
    #expect(dead.gradient.allSatisfy { $0 == 0 })
    #expect(dead.vector.contains { $0 != 0 })
    let alive = step.iterate("dense", weight: Self.draw(28, 5), from: dead.vector, steps: 200)
    #expect(alive.norm > 0.1)
  }

  @Test func aZeroVectorDoesNotStayZero() {
    let step = Step(Self.dense, weight: [4, 7])
    let result = step.iterate(
      "dense", weight: Self.draw(28, 5), from: Array(repeating: 0, count: 7), steps: 2)
    #expect(result.norm.isFinite && result.norm > 0)
  }
}
