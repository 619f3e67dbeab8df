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
    /// Kept: its distance, [N]; ``AttackStep/unreached`` where there is none.
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

  /// The distance of what is not found: beyond all others.
  public static let unreached = Float.greatestFiniteMagnitude
  /// The share of the radius that points keep to, so that float32 rounding leaves them inside.
  static let share = 1 - 0x1p-14

  /// The move.
  public let graph: Graph

  /// Builds it for a batch size.
  ///
  /// - Parameter box: where elements may lie; nil for all of ℝ.
  public init(_ attack: any Attack, model: Model, box: AttackBox?, batch: Int, seed: UInt64) {
    var builder = GraphBuilder("attack_step")
    let shape = [batch] + model.inputShape
    func keep(_ name: String, _ shape: [Int]) -> Value {
      builder.input(name, shape, isPersistent: true)
    }
    let original = keep(Name.images, shape)
    let labels = keep(Name.labels, [batch] + model.shape(of: model.output))
    let radii = keep(Name.radii, [batch])
    let point = keep(Name.point, shape)
    let found = (keep(Name.nearest, shape), keep(Name.distance, [batch]))
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
    let noise = builder.apply(.random(stream: stream), [counter], as: builder.type(point))

    let network = ModelGraph(model, images: point, mode: .inference, into: &builder)
    let isAdversarial = builder.misclassified(network.logits, labels: labels)
    builder.appendNearest(point, original, where: isAdversarial, found)
    var context = AttackContext(
      builder: builder, original: original, labels: labels, radii: radii, point: point,
      logits: network.logits, isAdversarial: isAdversarial, slots: slots, step: step,
      isLast: isLast, box: box, noise: noise)
    let move = attack.move(&context)
    builder = context.builder

    var next = move.point
    if attack.search == .ball { next = builder.confine(next, to: radii, around: original) }
    builder.output(Name.point, builder.confine(next, to: box))
    for (slot, value) in zip(attack.slots, move.slots) {
      builder.output(Name.slot(slot.name), value)
    }
    graph = builder.graph.simplified()
  }
}

extension GraphBuilder {
  /// Puts each sample's point in place of the nearest found so far where it is adversarial and nearer.
  fileprivate mutating func appendNearest(
    _ point: Value, _ original: Value, where isAdversarial: Value,
    _ found: (nearest: Value, distance: Value)
  ) {
    let distance = sampleNorms(subtract(point, original))
    let isNearer = multiply(isAdversarial, compare(.less, distance, found.distance))
    let mask = spread(isNearer, like: point)
    output(AttackStep.Name.nearest, select(mask, point, found.nearest))
    output(AttackStep.Name.distance, select(isNearer, distance, found.distance))
  }

  /// Each sample moved into the ball of its radius around the original, radially.
  mutating func confine(
    _ batch: Value, to radii: Value, around original: Value
  ) -> Value {
    let shift = subtract(batch, original)
    let length = sampleNorms(shift)
    let allowed = scale(radii, by: AttackStep.share)
    let isOutside = compare(.greater, length, allowed)
    let one = splat(1, like: length)
    let factor = divide(select(isOutside, allowed, one), select(isOutside, length, one))
    return add(original, scaleSamples(shift, by: factor))
  }
}
