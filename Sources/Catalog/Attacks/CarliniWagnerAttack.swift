import ModelIR
import TensorGraph

/// Carlini and Wagner's attack in ℓ2: the smallest sum of a perturbation's square and a penalty for not being
/// adversarial, with the penalty's weight found by bisection.
///
/// Minimizes ‖δ‖² + c·max(F_t − max F_i + κ, 0) over δ, i ≠ t, by Adam on the input itself, projected into the
/// box after each step, at a learning rate that falls to 0 over a round. After a round that found an
/// adversarial example c is halved towards the largest c that found none; after one that did not it is raised
/// towards the smallest that did, or tenfold. (The paper reaches the box by a tangent instead, which stalls
/// for elements at its boundary.)
///
/// Cost: `rounds`·`steps` gradients.
///
/// - Reference: Carlini, Wagner 2017, section VI.
struct CarliniWagnerAttack: Attack {
  static let kind = "carlini_wagner"
  static let mainKey: String? = "steps"
  static let examples = [
    "", "{steps: 200, rounds: 9, c: 1e-3, confidence: 0.1, learning_rate: 0.01}",
  ]
  private static let adam = AdamMoments(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)

  let steps: Int
  let rounds: Int
  private let firstWeight: Double
  private let confidence: Double
  private let learningRate: Double

  init(from reader: inout ConfigReader) {
    steps = reader.read("steps", default: 100, "steps of Adam in a round", .range(1...100_000))
    rounds = reader.read("rounds", default: 5, "how many values of c are tried", .range(1...100))
    firstWeight = reader.read("c", default: 1, "the first weight c", .positive)
    confidence = reader.read(
      "confidence", default: 0, "κ: by how much another logit should exceed the label's",
      .nonNegative)
    learningRate = reader.read(
      "learning_rate", default: 0.02,
      "Adam's first step length, in widths of the box, in input units where there is none",
      .positive)
  }

  var search: AttackSearch { .nearest }
  var slots: [AttackSlot] {
    [
      AttackSlot("first_moment", .input), AttackSlot("second_moment", .input),
      AttackSlot("c", .scalar, initial: firstWeight), AttackSlot("c_failed", .scalar),
      AttackSlot("c_succeeded", .scalar), AttackSlot("succeeded", .scalar),
    ]
  }

  /// One step of Adam; after the last one of a round the sample itself, with the next c.
  func move(_ context: AttackContext) -> AttackMove {
    let (x, c) = (context.point, context.slots[2])
    let isShort = context.logits.margins(labels: context.labels) .> -confidence
    let success = max(context.slots[5], 1 - isShort)
    let gradient = gradient(weight: c * isShort, context)
    let (direction, moments) = Self.adam.direction(
      along: gradient, Array(context.slots[..<2]), step: context.step + 1)
    let width = context.box.map { $0.high - $0.low } ?? 1
    let first = learningRate * width
    let rate = first - context.step * (first / Double(steps))
    let next = x - rate * direction
    let weights = nextWeights(context, success)
    let after: [Tensor] = [next.constant(0), next.constant(0)] + weights + [c.constant(0)]
    let during = moments + context.slots[2...4] + [success]
    return AttackMove(
      to: select(context.isLast, context.original, next),
      slots: zip(after, during).map { select(context.isLast, $0, $1) })
  }

  /// ∇(‖δ‖² + weight·(F_t − max F_i)).
  private func gradient(weight: Tensor, _ context: AttackContext) -> Tensor {
    let rise = context.ascent(of: .margin).scaledSamples(by: weight)
    return 2 * (context.point - context.original) - rise
  }

  /// The next c of each sample, the largest that failed and the smallest that succeeded, 0 for none:
  /// their middle where there are both, else 10·c.
  private func nextWeights(_ context: AttackContext, _ success: Tensor) -> [Tensor] {
    let c = context.slots[2]
    let failed = select(success, context.slots[3], c)
    let succeeded = select(success, c, context.slots[4])
    let middle = (failed + succeeded) * 0.5
    return [select(succeeded .> 0, middle, c * 10), failed, succeeded]
  }
}
