import Compiler
import Execution
import ModelIR
import TensorGraph

@testable import Files

/// Looks for points inside certified balls that are classified otherwise: projected gradient steps and
/// random directions, on the reference evaluator in Double, through code of its own.
struct LogitAttack {
  private let evaluator: ReferenceEvaluator
  private let parameters: [String: [Double]]
  private let samples: SampleSet
  private let values: [Float]
  private let classes: Int

  /// An attack on a network with given weights; all samples move in one batch.
  init(model: Model, weights: Weights, samples: SampleSet) throws {
    values = try (0..<samples.count).flatMap { try samples[$0] }
    let predict = Prediction(model: model, batch: samples.count).graph
    let builder = GraphBuilder(extending: predict)
    guard let output = predict.outputs.first(where: { $0.name == Prediction.logits }),
      let input = predict.inputs.first(where: { $0.name == Prediction.images })
    else { preconditionFailure("a prediction has images and logits") }
    let (logits, images) = (builder.tensor(output.value), builder.tensor(input.value))
    let direction = builder.input("direction", logits.shape)
    let goal = (logits * direction).sum()
    builder.output("gradient", goal.gradients(withRespectTo: [images])[0])
    evaluator = ReferenceEvaluator(builder.graph)
    parameters = weights.tensors.mapValues { $0.elements.map(Double.init) }
    self.samples = samples
    classes = samples.classes
  }

  /// The samples, by position, for which some point at a distance of less than the radius has another
  /// class than the label.
  func contradicted(radii: [Double], steps: Int = 12) -> Set<Int> {
    var found: Set<Int> = []
    let directions = (0..<steps).map { noise(stream: UInt64($0)) }
    for direction in directions { found.formUnion(crossing(scaled(direction, to: radii), radii)) }
    for offset in 1..<classes {
      var shift = scaled(directions[0], to: radii.map { $0 * 1e-3 })
      for _ in 0..<steps {
        let gradient = gradient(at: shift, towards: offset)
        // A step of the whole radius along the gradient, then back into the ball.
        shift = scaled(zip(shift, scaled(gradient, to: radii)).map { $0 + $1 }, to: radii)
        found.formUnion(crossing(shift, radii))
      }
    }
    return found
  }

  /// ‖∇(F_i − F_t)‖₂ for each sample moved by a distance, i the class `offset` after the label.
  func slopes(towards offset: Int, at distance: Double) -> [Double] {
    let shift = scaled(
      noise(stream: 99), to: Array(repeating: distance, count: samples.count))
    let gradient = gradient(at: shift, towards: offset)
    return samples.labels.indices.map { index in
      gradient[index * size..<(index + 1) * size].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  private var size: Int { samples.sampleCount }

  private func inputs(_ shift: [Double], _ direction: [Double]) -> [String: [Double]] {
    var inputs = parameters
    inputs[Prediction.images] = zip(values, shift).map { Double($0) + $1 }
    inputs["direction"] = direction
    return inputs
  }

  /// ∂(F_i − F_t)/∂x for each sample, i the class `offset` after the label.
  private func gradient(at shift: [Double], towards offset: Int) -> [Double] {
    var direction = Array(repeating: 0.0, count: samples.count * classes)
    for (index, label) in samples.labels.enumerated() {
      direction[index * classes + label] = -1
      direction[index * classes + (label + offset) % classes] = 1
    }
    return evaluator.evaluate(inputs(shift, direction))["gradient"] ?? []
  }

  private func crossing(_ shift: [Double], _ radii: [Double]) -> [Int] {
    let direction = Array(repeating: 0.0, count: samples.count * classes)
    let logits = evaluator.evaluate(inputs(shift, direction))[Prediction.logits] ?? []
    return samples.labels.indices.filter { index in
      let row = logits[index * classes..<(index + 1) * classes]
      let own = row[row.startIndex + samples.labels[index]]
      let isHeld = row.enumerated().allSatisfy {
        $0.offset == samples.labels[index] || $0.element < own
      }
      return radii[index] > 0 && !isHeld
    }
  }

  /// Each sample's part at a length just below its radius.
  private func scaled(_ shift: [Double], to radii: [Double]) -> [Double] {
    var result = shift
    for (index, radius) in radii.enumerated() {
      let part = index * size..<(index + 1) * size
      let length = shift[part].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = length > 0 ? radius * (1 - 1e-9) / length : 0
      for element in part { result[element] *= factor }
    }
    return result
  }

  private func noise(stream: UInt64) -> [Double] {
    values.indices.map {
      CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 0.5
    }
  }
}
