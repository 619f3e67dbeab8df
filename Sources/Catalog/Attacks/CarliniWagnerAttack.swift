import ModelIR
import TensorGraph

/// Carlini and Wagner's attack in ℓ2: the smallest sum of a perturbation's square and a penalty for not being
/// adversarial, with the penalty's weight found by bisection.
///
/// Minimises ‖δ‖² + c·max(F_t − max F_i + κ, 0) over δ, i ≠ t, by Adam on the input itself, projected into the
/// box after each step, at a learning rate that falls to 0 over a round. After a round that found an
/// adversarial example c is halved towards the largest c that found none; after one that did not it is raised
/// towards the smallest that did, or tenfold. (The paper reaches the box by a tangent instead, which stalls
/// for elements at its boundary.)
///
/// Cost: `rounds`·`steps` gradients.
///
/// - Reference: Carlini, Wagner 2017, section VI.
public struct CarliniWagnerAttack: Attack {
  private enum Keys {
    static let steps = SpecKey<Int>(
      "steps", default: 100, "steps of Adam in a round",
      .init("at least 1 and at most 100000") { (1...100_000).contains($0) })
    static let rounds = SpecKey<Int>(
      "rounds", default: 5, "values of c that are tried",
      .init("at least 1 and at most 100") { (1...100).contains($0) })
    static let constant = SpecKey<Double>("c", default: 1, "the first weight c", .positive)
    static let confidence = SpecKey<Double>(
      "confidence", default: 0, "κ: by how much another logit should exceed the label's",
      .nonNegative)
    static let learningRate = SpecKey<Double>(
      "learning_rate", default: 0.02,
      "Adam's first step length, in widths of the box, in input units where there is none",
      .positive)
  }

  /// The name in a spec.
  public static let kind = "carlini_wagner"
  /// The keys.
  public static let keys = [
    Keys.steps.description, Keys.rounds.description, Keys.constant.description,
    Keys.confidence.description, Keys.learningRate.description,
  ]
  /// `carlini_wagner: 100`.
  public static let mainKey: String? = "steps"
  /// Cases for the generic tests.
  public static let examples = [
    "", "{steps: 200, rounds: 9, c: 1e-3, confidence: 0.1, learning_rate: 0.01}",
  ]

  /// Steps of a round.
  public let steps: Int
  /// Values of c.
  public let rounds: Int
  private let constant: Double
  private let confidence: Double
  private let learningRate: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let steps = reader.read(Keys.steps)
    let rounds = reader.read(Keys.rounds)
    let constant = reader.read(Keys.constant)
    let confidence = reader.read(Keys.confidence)
    let learningRate = reader.read(Keys.learningRate)
    guard let steps, let rounds, let constant, let confidence, let learningRate else { return nil }
    self.steps = steps
    self.rounds = rounds
    self.constant = constant
    self.confidence = confidence
    self.learningRate = learningRate
  }

  /// Goes on after a find.
  public var search: AttackSearch { .nearest }
  /// Adam's moments, c and what is known of it.
  public var slots: [AttackSlot] {
    [
      AttackSlot("first_moment", .input), AttackSlot("second_moment", .input),
      AttackSlot("c", .scalar, initial: constant), AttackSlot("c_failed", .scalar),
      AttackSlot("c_succeeded", .scalar), AttackSlot("succeeded", .scalar),
    ]
  }

  /// One step of Adam, or the next value of c.
  public func move(_ context: inout AttackContext) -> AttackMove {
    let (c, failed, succeeded) = (context.slots[2], context.slots[3], context.slots[4])
    let margins = context.builder.margins(context.logits, labels: context.labels)
    let threshold = context.builder.splat(-confidence, like: margins)
    let isShort = context.builder.compare(.greater, margins, threshold)
    let one = context.builder.splat(1, like: isShort)
    let success = context.builder.maximum(
      context.slots[5], context.builder.subtract(one, isShort))
    let (next, moments) = context.adamStep(
      along: gradient(weight: context.builder.multiply(c, isShort), &context),
      from: learningRate * context.boxWidth, steps: steps)

    // After a round: bisect, or look further up.
    let weights = context.builder.nextWeight(c, failed, succeeded, success)
    let zero = context.builder.splat(0, like: next)
    let none = context.builder.splat(0, like: c)
    return AttackMove(
      to: context.choose(context.original, next),
      slots: [
        context.choose(zero, moments.first), context.choose(zero, moments.second),
        context.choose(weights.next, c), context.choose(weights.failed, failed),
        context.choose(weights.succeeded, succeeded), context.choose(none, success),
      ])
  }

  /// ∇(‖δ‖² + weight·(F_t − max F_i)).
  private func gradient(weight: Value, _ context: inout AttackContext) -> Value {
    let rise = context.ascent(of: .margin)
    let penalty = context.builder.scaleSamples(rise, by: weight)
    let shift = context.builder.subtract(context.point, context.original)
    return context.builder.subtract(context.builder.scale(shift, by: 2), penalty)
  }
}

extension AttackContext {
  /// high − low; 1 where there is no box.
  fileprivate var boxWidth: Double { box.map { $0.high - $0.low } ?? 1 }

  /// A step of Adam on the point, at a rate that falls linearly to 0, with the moments in the first two
  /// slots.
  fileprivate mutating func adamStep(
    along gradient: Value, from rate: Double, steps: Int
  ) -> (point: Value, moments: (first: Value, second: Value)) {
    let square = builder.multiply(gradient, gradient)
    let first = builder.blend(slots[0], gradient, keeping: 0.9)
    let second = builder.blend(slots[1], square, keeping: 0.999)
    let count = builder.add(step, builder.splat(1))
    let mean = builder.divide(first, builder.complement(ofPower: 0.9, exponent: count))
    let spread = builder.unary(
      .sqrt, builder.divide(second, builder.complement(ofPower: 0.999, exponent: count)))
    let direction = builder.divide(
      mean, builder.add(spread, builder.splat(1e-8, like: spread)))
    let left = builder.subtract(builder.splat(rate), builder.scale(step, by: rate / Double(steps)))
    let shift = builder.multiply(left, direction)
    return (builder.subtract(point, shift), (first, second))
  }
}

extension GraphBuilder {
  /// The next c of each sample, the largest that failed and the smallest that succeeded, 0 for none.
  fileprivate mutating func nextWeight(
    _ c: Value, _ failed: Value, _ succeeded: Value, _ success: Value
  ) -> (next: Value, failed: Value, succeeded: Value) {
    let failed = select(success, failed, c)
    let succeeded = select(success, c, succeeded)
    let middle = scale(add(failed, succeeded), by: 0.5)
    let hasBoth = compare(.greater, succeeded, splat(0, like: c))
    return (select(hasBoth, middle, scale(c, by: 10)), failed, succeeded)
  }
}
