import Compiler
import ModelIR
import TensorGraph

/// The graph of one move of an attack on a batch: prediction at the points, gradients with respect to
/// them, the move, its projection, and the nearest adversarial points so far.
///
/// Every tensor that outlives a move is a persistent input: weights, samples, labels, radii, points,
/// slots, what was found. Statistics of the network are frozen.
public struct AttackStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  public enum Name {
    /// Kept: the unperturbed samples, [N, …].
    public static let images = TrainingStep.Name.images
    /// Kept: one-hot labels, [N, K].
    public static let labels = TrainingStep.Name.labels
    /// Kept: the radius allowed to each sample, [N].
    public static let radii = "radii"
    /// Kept: the points, [N, …].
    public static let point = "point"
    /// Kept: the nearest adversarial point, [N, …].
    public static let nearest = "nearest"
    /// Kept: its distance, [N]; ``AttackStep/unreached`` if there is none.
    public static let distance = "distance"
    /// Fed: the number of the move within its round.
    public static let step = "step"
    /// Fed: 1 after the last move of a round.
    public static let isLast = "is_last"
    /// Fed: a number that no other move of the run has, for random numbers.
    public static let counter = "counter"
    /// The input that keeps a slot.
    public static func slot(_ name: String) -> String { "slot/\(name)" }
  }

  /// The distance if no adversarial point is found: larger than all others.
  public static let unreached = Float.greatestFiniteMagnitude
  /// The share of the radius that points keep to, so that float32 rounding leaves them inside.
  static let share = 1 - 0x1p-14

  /// The move.
  public let graph: Graph

  /// Builds it for a batch size.
  ///
  /// - Parameter box: where elements may lie; nil for all of ℝ.
  public init(_ attack: any Attack, model: Model, box: AttackBox?, batch: Int, seed: UInt64) {
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
    let allowed = radii * AttackStep.share
    let isOutside = length .> allowed
    let factor = select(isOutside, allowed, 1) / select(isOutside, length, 1)
    return center + shift.scaledSamples(by: factor)
  }
}
