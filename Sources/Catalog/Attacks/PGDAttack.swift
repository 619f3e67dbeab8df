import ModelIR
import TensorGraph

/// Projected gradient descent in ℓ2: steps of fixed length along the gradient of a loss, each projected
/// back into the ball and then into the box.
///
/// x ← P(x + s·r·g/‖g‖) with g = ∇ₓ loss(F(x), t), r the radius and s the step size. The loss is the
/// negative margin, max F_i over i ≠ t less F_t, or cross-entropy. The first round begins at the sample,
/// each of the `restarts` at a random point of the ball's surface.
///
/// Cost: (1 + `restarts`)·`steps` gradients for each radius; samples found at a smaller radius are
/// left out.
///
/// - Reference: Madry, Makelov, Schmidt, Tsipras, Vladu 2018.
public struct PGDAttack: Attack {
  private enum Keys {
    static let steps = SpecKey<Int>(
      "steps", default: 50, "steps of a round",
      .init("at least 1 and at most 100000") {
        (1...100_000).contains($0)
      })
    static let stepSize = SpecKey<Double>(
      "step_size", default: 0.1, "the length of a step as a share of the radius", .positive)
    static let restarts = SpecKey<Int>(
      "restarts", default: 0, "rounds more, from random points",
      .init("at least 0 and at most 1000") { (0...1000).contains($0) })
    static let loss = SpecKey<AscentLoss>("loss", default: .margin, "what the steps make large")
  }

  /// The name in a spec.
  public static let kind = "pgd"
  /// The keys.
  public static let keys = [
    Keys.steps.description, Keys.stepSize.description, Keys.restarts.description,
    Keys.loss.description,
  ]
  /// `pgd: 50`.
  public static let mainKey: String? = "steps"
  /// Cases for the generic tests.
  public static let examples = [
    "", "{steps: 20, step_size: 0.25, restarts: 1}", "{loss: cross_entropy}",
  ]

  /// Steps of a round.
  public let steps: Int
  private let stepSize: Double
  private let restarts: Int
  private let loss: AscentLoss

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let steps = reader.read(Keys.steps)
    let stepSize = reader.read(Keys.stepSize)
    let restarts = reader.read(Keys.restarts)
    let loss = reader.read(Keys.loss)
    guard let steps, let stepSize, let restarts, let loss else { return nil }
    self.steps = steps
    self.stepSize = stepSize
    self.restarts = restarts
    self.loss = loss
  }

  /// Inside a ball.
  public var search: AttackSearch { .ball }
  /// The first and the restarts.
  public var rounds: Int { 1 + restarts }
  /// None.
  public var slots: [AttackSlot] { [] }

  /// One step, or a random point of the surface.
  public func move(_ context: inout AttackContext) -> AttackMove {
    let direction = context.ascentDirection(of: loss)
    let length = context.builder.scale(context.radii, by: stepSize)
    let shift = context.builder.scaleSamples(direction, by: length)
    let next = context.builder.add(context.point, shift)
    guard restarts > 0 else { return AttackMove(to: next) }
    let half = context.builder.splat(0.5, like: next)
    let centred = context.builder.subtract(context.noise, half)
    let random = context.builder.scaleSamples(
      context.builder.sampleDirections(centred), by: context.radii)
    let start = context.builder.add(context.original, random)
    return AttackMove(to: context.choose(start, next))
  }
}

extension AttackContext {
  /// `start` after the last move of a round, else `next`; of equal type.
  mutating func choose(_ start: Value, _ next: Value) -> Value {
    let mask = builder.broadcast(isLast, to: builder.shape(next), axes: [])
    return builder.select(mask, start, next)
  }
}
