import Foundation
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Update rules against steps computed by hand from their papers' formulas.
struct OptimizerTests {
  /// The parameter after each step from 1, with the given gradients.
  static func run(
    _ optimizer: any Optimizer, gradients: [Double], decays: Bool = true
  ) -> [Double] {
    let builder = GraphBuilder("update")
    let parameter = builder.input("p", [1])
    let gradient = builder.input("g", [1])
    let slots = optimizer.slots.map { builder.input($0, [1]) }
    let rate = builder.input("rate", [])
    let step = builder.input("step", [])
    let context = UpdateContext(
      builder: builder, parameter: parameter, gradient: gradient, slots: slots,
      learningRate: rate, step: step, decays: decays)
    let (updated, kept) = optimizer.update(context)
    builder.output("p", updated)
    for (name, value) in zip(optimizer.slots, kept) { builder.output(name, value) }
    var state: [String: [Double]] = ["p": [1], "rate": [optimizer.learningRate]]
    for slot in optimizer.slots { state[slot] = [0] }
    return gradients.enumerated().map { index, gradient in
      state["g"] = [gradient]
      state["step"] = [Double(index + 1)]
      state.merge(evaluate(builder.graph, inputs: state)) { $1 }
      return state["p"]![0]
    }
  }

  static func expect(_ found: [Double], _ expected: [Double], _ place: String) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-13, "\(place): \(a) and \(b)") }
  }

  @Test func gradientDescent() {
    let plain = SGDOptimizer.decoded("0.1")
    Self.expect(Self.run(plain, gradients: [1, -2]), [0.9, 1.1], "plain")
    let decayed = SGDOptimizer.decoded("{learning_rate: 0.1, weight_decay: 0.5}")
    Self.expect(Self.run(decayed, gradients: [1]), [0.85], "decay")
    Self.expect(Self.run(decayed, gradients: [1], decays: false), [0.9], "bias")
  }

  @Test func momentum() {
    let heavy = SGDOptimizer.decoded("{learning_rate: 0.1, momentum: 0.5}")
    Self.expect(Self.run(heavy, gradients: [1, 1, 0]), [0.9, 0.75, 0.675], "momentum")
    let nesterov = SGDOptimizer.decoded("{learning_rate: 0.1, momentum: 0.5, nesterov: true}")
    Self.expect(Self.run(nesterov, gradients: [1, 1]), [0.85, 0.675], "nesterov")
  }

  /// From the formulas of Kingma and Ba, with powers instead of the graph's tanh.
  static func adam(
    _ gradients: [Double], rate: Double, betas: (Double, Double), epsilon: Double,
    coupled: Double = 0, decoupled: Double = 0
  ) -> [Double] {
    var (p, m, v) = (1.0, 0.0, 0.0)
    return gradients.enumerated().map { index, loss in
      let g = loss + coupled * p
      let t = Double(index + 1)
      m = betas.0 * m + (1 - betas.0) * g
      v = betas.1 * v + (1 - betas.1) * g * g
      let mean = m / (1 - pow(betas.0, t))
      let spread = (v / (1 - pow(betas.1, t))).squareRoot()
      p -= rate * decoupled * p
      p -= rate * mean / (spread + epsilon)
      return p
    }
  }

  @Test func adamAndAdamW() {
    let gradients = [0.5, -0.25, 3, 0, 1e-3]
    let adam = AdamOptimizer.decoded("")
    Self.expect(
      Self.run(adam, gradients: gradients),
      Self.adam(gradients, rate: 1e-3, betas: (0.9, 0.999), epsilon: 1e-8), "adam")
    let keys = "{learning_rate: 0.1, betas: [0, 0.5], epsilon: 1e-3, weight_decay: 0.1}"
    Self.expect(
      Self.run(AdamOptimizer.decoded(keys), gradients: gradients),
      Self.adam(gradients, rate: 0.1, betas: (0, 0.5), epsilon: 1e-3, coupled: 0.1), "coupled")
    Self.expect(
      Self.run(AdamWOptimizer.decoded(keys), gradients: gradients),
      Self.adam(gradients, rate: 0.1, betas: (0, 0.5), epsilon: 1e-3, decoupled: 0.1), "decoupled")
    Self.expect(
      Self.run(AdamWOptimizer.decoded(keys), gradients: gradients, decays: false),
      Self.adam(gradients, rate: 0.1, betas: (0, 0.5), epsilon: 1e-3), "bias")
  }

  @Test func theFirstStepOfAdamIsTheLearningRate() {
    let adam = AdamOptimizer.decoded("0.25")
    Self.expect(Self.run(adam, gradients: [1e3]), [0.75 + 0.25e-11], "first step")
  }
}
