import ModelIR
import TensorGraph

/// DeepFool in ℓ2: steps to the nearest of the planes where a class would draw level with the label if the
/// network were linear.
///
/// With f_i = F_i − F_t and w_i = ∇ₓf_i, the step is (1 + overshoot)·|f_i|/‖w_i‖² · w_i for the i of least
/// |f_i|/‖w_i‖, among the `classes` largest logits other than the label's. Elements of w_i that point out of
/// the box at its boundary count as 0. It stops at the first adversarial example; for a linear network
/// without a box that is the nearest one, times 1 + overshoot.
///
/// Cost: as many gradients a step as classes are considered; few samples take more than ten steps.
///
/// - Reference: Moosavi-Dezfooli, Fawzi, Frossard 2016, algorithm 2.
public struct DeepFoolAttack: Attack {
  private enum Keys {
    static let steps = SpecKey<Int>(
      "steps", default: 50, "the most steps",
      .init("at least 1 and at most 100000") { (1...100_000).contains($0) })
    static let overshoot = SpecKey<Double>(
      "overshoot", default: 0.02, "how far beyond the plane, as a share of the step", .nonNegative)
    static let classes = SpecKey<Int>(
      "classes", default: 9, "how many classes other than the label are considered",
      .init("at least 1 and at most 1000") { (1...1000).contains($0) })
  }

  /// The name in a spec.
  public static let kind = "deepfool"
  /// The keys.
  public static let keys = [
    Keys.steps.description, Keys.overshoot.description, Keys.classes.description,
  ]
  /// `deepfool: 50`.
  public static let mainKey: String? = "steps"
  /// Cases for the generic tests.
  public static let examples = ["", "{steps: 20, overshoot: 0.1, classes: 2}"]

  /// The most steps.
  public let steps: Int
  private let overshoot: Double
  private let classes: Int

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let steps = reader.read(Keys.steps)
    let overshoot = reader.read(Keys.overshoot)
    let classes = reader.read(Keys.classes)
    guard let steps, let overshoot, let classes else { return nil }
    self.steps = steps
    self.overshoot = overshoot
    self.classes = classes
  }

  /// Stops at the first.
  public var search: AttackSearch { .crossing }
  /// One.
  public var rounds: Int { 1 }
  /// None.
  public var slots: [AttackSlot] { [] }

  /// One step, to the nearest plane.
  public func move(_ context: inout AttackContext) -> AttackMove {
    let lowest = context.builder.splat(
      -Double(Float.greatestFiniteMagnitude), like: context.logits)
    var others = context.builder.withoutLabels(context.logits, labels: context.labels)
    var nearest: (distance: Value, direction: Value)?
    for _ in 0..<min(classes, context.builder.shape(others)[1] - 1) {
      let leaders = context.builder.leaders(others)
      let plane = context.plane(towards: leaders)
      nearest = nearest.map { context.builder.nearer($0, plane) } ?? plane
      others = context.builder.select(leaders, lowest, others)
    }
    guard let nearest else { return AttackMove(to: context.point) }
    let length = context.builder.scale(nearest.distance, by: 1 + overshoot)
    let shift = context.builder.scaleSamples(nearest.direction, by: length)
    let next = context.builder.add(context.point, shift)
    let isDone = context.builder.spread(context.isAdversarial, like: next)
    return AttackMove(to: context.builder.select(isDone, context.point, next))
  }
}

extension AttackContext {
  /// The distance [N] to the plane F_i = F_t of the linearised network, and the unit direction [N, …].
  ///
  /// Beyond all reach where the gradient is 0.
  ///
  /// - Parameter leaders: the class i of each sample, one-hot [N, K], shared out among several.
  fileprivate mutating func plane(towards leaders: Value) -> (distance: Value, direction: Value) {
    let cotangent = builder.subtract(leaders, labels)
    let gap = builder.sum(builder.multiply(cotangent, logits), axes: [1])
    let normal = withoutOutward(gradient(cotangent))
    let norm = builder.sampleNorms(normal)
    let hasSlope = builder.compare(.greater, norm, builder.splat(0))
    let one = builder.splat(1, like: norm)
    let quotient = builder.divide(
      builder.unary(.abs, gap), builder.select(hasSlope, norm, one))
    let unreached = builder.splat(Double(Float.greatestFiniteMagnitude), like: norm)
    return (
      builder.select(hasSlope, quotient, unreached), builder.sampleDirections(normal)
    )
  }

  /// A direction without the elements that the box would take back.
  private mutating func withoutOutward(_ direction: Value) -> Value {
    guard let box else { return direction }
    let zero = builder.splat(0, like: direction)
    let isLow = builder.compare(.lessOrEqual, point, builder.splat(box.low, like: point))
    let isHigh = builder.compare(.greaterOrEqual, point, builder.splat(box.high, like: point))
    let raised = builder.select(isLow, builder.maximum(direction, zero), direction)
    return builder.select(isHigh, builder.minimum(raised, zero), raised)
  }
}

extension GraphBuilder {
  /// Of two planes the nearer one, for each sample.
  fileprivate mutating func nearer(
    _ a: (distance: Value, direction: Value), _ b: (distance: Value, direction: Value)
  ) -> (distance: Value, direction: Value) {
    let isNearer = compare(.less, b.distance, a.distance)
    let mask = spread(isNearer, like: a.direction)
    return (
      select(isNearer, b.distance, a.distance), select(mask, b.direction, a.direction)
    )
  }
}
