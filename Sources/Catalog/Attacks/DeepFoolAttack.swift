import ModelIR
import TensorGraph

/// DeepFool in ℓ2: steps to the nearest of the planes where another class would equal the label if the
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
struct DeepFoolAttack: Attack {
  static let kind = "deepfool"
  static let mainKey: String? = "steps"
  static let examples = ["", "{steps: 20, overshoot: 0.1, classes: 2}"]

  let steps: Int
  private let overshoot: Double
  private let classes: Int

  init(from reader: inout ConfigReader) {
    steps = reader.read("steps", default: 50, "the largest number of steps", .range(1...100_000))
    overshoot = reader.read(
      "overshoot", default: 0.02, "how far beyond the plane, as a share of the step", .nonNegative)
    classes = reader.read(
      "classes", default: 9, "how many classes other than the label are considered",
      .range(1...1000))
  }

  var search: AttackSearch { .crossing }
  var rounds: Int { 1 }

  /// x + (1 + overshoot)·(|f|/‖w‖)·w/‖w‖, or x where it is adversarial already.
  func move(_ context: AttackContext) -> AttackMove {
    var others = context.logits.withoutLabels(context.labels)
    var nearest: Plane?
    for _ in 0..<min(classes, others.shape[1] - 1) {
      let leaders = others.leaders()
      let plane = Plane(of: leaders, in: context)
      nearest = nearest.map { $0.nearer(plane) } ?? plane
      others = select(leaders, -Double(Float.greatestFiniteMagnitude), others)
    }
    guard let nearest else { return AttackMove(to: context.point) }
    let length = nearest.distance * (1 + overshoot)
    let next = context.point + nearest.direction.scaledSamples(by: length)
    let isDone = context.isAdversarial.spread(like: next)
    return AttackMove(to: select(isDone, context.point, next))
  }
}

/// For each sample the plane f = 0 of the network linearized at its point.
private struct Plane {
  /// |f|/‖w‖ [N]; beyond all reach where w = 0.
  let distance: Tensor
  /// w/‖w‖ [N, …].
  let direction: Tensor

  /// For each sample the nearer of two planes.
  func nearer(_ other: Plane) -> Plane {
    let isNearer = other.distance .< distance
    let mask = isNearer.spread(like: direction)
    return Plane(
      distance: select(isNearer, other.distance, distance),
      direction: select(mask, other.direction, direction))
  }
}

extension Plane {
  /// With f = F_i − F_t and w = ∇ₓf.
  ///
  /// - Parameter leaders: the class i of each sample, one-hot [N, K], divided among equal ones.
  init(of leaders: Tensor, in context: AttackContext) {
    let cotangent = leaders - context.labels
    let f = (cotangent * context.logits).sum(axes: [1])
    let w = context.inward(context.gradient(cotangent))
    let norm = w.sampleNorms()
    let hasSlope = norm .> 0
    let quotient = abs(f) / select(hasSlope, norm, 1)
    distance = select(hasSlope, quotient, Double(Float.greatestFiniteMagnitude))
    direction = w.sampleDirections()
  }
}

extension AttackContext {
  /// A direction without the elements that point out of the box at its boundary.
  fileprivate func inward(_ direction: Tensor) -> Tensor {
    guard let box else { return direction }
    let raised = select(point .<= box.low, max(direction, 0), direction)
    return select(point .>= box.high, min(raised, 0), raised)
  }
}
