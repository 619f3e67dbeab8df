import Compiler
import ModelIR
import TensorGraph

/// The graph of one step of an attack on a batch: prediction at the points, gradients with respect to
/// them, the move, its projection, and the nearest adversarial points so far.
///
/// Every tensor that outlives a step is a persistent input: weights, samples, labels, radii, points,
/// slots, what was found. Statistics of the network are frozen.
struct AttackStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  enum Name {
    /// Kept: the unperturbed samples, [N, …].
    static let images = TrainingStep.Name.images
    /// Kept: one-hot labels, [N, K].
    static let labels = TrainingStep.Name.labels
    /// Kept: the radius allowed to each sample, [N].
    static let radii = "radii"
    /// Kept: the current points, [N, …].
    static let point = "point"
    /// Kept: the nearest adversarial point, [N, …].
    static let nearest = "nearest"
    /// Kept: its distance, [N]; ``AttackStep/unreached`` if there is none.
    static let distance = "distance"
    /// Fed: the number of the move within its round.
    static let step = "step"
    /// Fed: 1 after the last move of a round.
    static let isLast = "is_last"
    /// Fed: a number unique to the move in its run, for random numbers.
    static let counter = "counter"
    /// The input that keeps a slot.
    static func slot(_ name: String) -> String { "slot/\(name)" }
  }

  /// The distance if no adversarial point is found: larger than all others.
  static let unreached = Float.greatestFiniteMagnitude
  /// Points stay within this share of the radius, so that float32 rounding leaves them inside.
  static let radiusShare = 1 - 0x1p-14

  let graph: Graph

  /// - Parameter box: where elements may lie; nil for all of ℝ.
  init(_ attack: any Attack, model: Model, box: AttackBox?, batch: Int, seed: UInt64) {
    let builder = GraphBuilder("attack_step")
    let shape = [batch] + model.inputShape
    func keep(_ name: String, _ shape: [Int]) -> Tensor {
      builder.input(name, shape, isPersistent: true)
    }
    let original = keep(Name.images, shape)
    let labels = keep(Name.labels, [batch] + model.shape(of: model.output))
    let radii = keep(Name.radii, [batch])
    let point = keep(Name.point, shape)
    let nearest = keep(Name.nearest, shape)
    let nearestDistance = keep(Name.distance, [batch])
    let slots = attack.slots.map { slot in
      switch slot.extent {
      case .input: keep(Name.slot(slot.name), shape)
      case .scalar: keep(Name.slot(slot.name), [batch])
      }
    }
    let step = builder.input(Name.step, [])
    let isLast = builder.input(Name.isLast, [])
    let counter = builder.input(Name.counter, [])
    let stream = CounterRandom.stream(seed: seed, "attack/\(type(of: attack).kind)")
    let noise = builder.random(stream: stream, counter: counter, like: point)

    let logits = ModelGraph(model, images: point, mode: .inference).logits
    let isAdversarial = logits.misclassified(labels: labels)
    let distance = (point - original).sampleNorms()
    let isNearer = isAdversarial * (distance .< nearestDistance)
    builder.output(Name.nearest, select(isNearer.spread(like: point), point, nearest))
    builder.output(Name.distance, select(isNearer, distance, nearestDistance))

    let move = attack.move(
      AttackContext(
        builder: builder, original: original, labels: labels, radii: radii, point: point,
        logits: logits, isAdversarial: isAdversarial, slots: slots, step: step, isLast: isLast,
        box: box, noise: noise))
    let next =
      attack.search == .ball ? move.point.confined(to: radii, around: original) : move.point
    builder.output(Name.point, next.confined(to: box))
    for (slot, value) in zip(attack.slots, move.slots) {
      builder.output(Name.slot(slot.name), value)
    }
    graph = builder.graph.simplified()
  }
}

extension Tensor {
  /// Each sample of a batch moved into the ball of its radius around the center, radially.
  func confined(to radii: Tensor, around center: Tensor) -> Tensor {
    let shift = self - center
    let length = shift.sampleNorms()
    let allowed = radii * AttackStep.radiusShare
    let isOutside = length .> allowed
    let factor = select(isOutside, allowed, 1) / select(isOutside, length, 1)
    return center + shift.scaledSamples(by: factor)
  }
}
