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
struct PGDAttack: Attack {
  static let kind = "pgd"
  static let mainKey: String? = "steps"
  static let examples = [
    "", "{steps: 20, step_size: 0.25, restarts: 1}", "{loss: cross_entropy}",
  ]

  let steps: Int
  private let stepSize: Double
  private let restarts: Int
  private let loss: AscentLoss

  init(from reader: inout ConfigReader) {
    steps = reader.read("steps", default: 50, "steps of a round", .range(1...100_000))
    stepSize = reader.read(
      "step_size", default: 0.1, "the length of a step as a share of the radius", .positive)
    restarts = reader.read(
      "restarts", default: 0, "additional rounds, from random points", .range(0...1000))
    loss = reader.read("loss", default: .margin, "what the steps make large")
  }

  var search: AttackSearch { .ball }
  var rounds: Int { 1 + restarts }

  /// x + s·r·g/‖g‖, or a random point of the ball's surface for the next round.
  func move(_ context: AttackContext) -> AttackMove {
    let direction = context.ascentDirection(of: loss)
    let next = context.point + direction.scaledSamples(by: context.radii * stepSize)
    guard restarts > 0 else { return AttackMove(to: next) }
    let random = (context.noise - 0.5).sampleDirections().scaledSamples(by: context.radii)
    return AttackMove(to: select(context.isLast, context.original + random, next))
  }
}
