import TensorGraph

/// A search for adversarial examples.
///
/// An attack describes one move of a batch as a part of a compiled graph. Whoever runs it evaluates the
/// point of each sample, keeps the nearest adversarial one, and moves on, for ``rounds`` rounds of
/// ``steps`` moves. Confinement to the box and to the ball is not the attack's business: moves are
/// projected. What is found is an upper bound on the distance to the nearest adversarial example;
/// that nothing is found proves nothing.
public protocol Attack: CatalogEntry where Example == String {
  /// What is searched for.
  var search: AttackSearch { get }
  /// Rounds, each a search of its own: random restarts, or values of a constant.
  var rounds: Int { get }
  /// Moves of a round.
  var steps: Int { get }
  /// What is kept for each sample beside its point.
  var slots: [AttackSlot] { get }
  /// One move; after the last move of a round it returns the point where the next round begins.
  func move(_ context: AttackContext) -> AttackMove
}

extension Attack {
  /// None.
  public var slots: [AttackSlot] { [] }
}

/// What an attack searches for, and with it when it is done with a sample.
public enum AttackSearch: Sendable {
  /// Any adversarial example within a given radius.
  case ball
  /// The first adversarial example on its way.
  case crossing
  /// The nearest adversarial example; goes on after one is found.
  case nearest
}

/// A tensor that an attack keeps between its moves.
public struct AttackSlot: Sendable {
  /// What is kept for a sample.
  public enum Extent: Sendable {
    /// A tensor of the input's shape.
    case input
    /// One number.
    case scalar
  }

  /// Unique within the attack.
  public let name: String
  /// The shape for a sample.
  public let extent: Extent
  /// The elements before the first move.
  public let initial: Double

  /// A slot.
  public init(_ name: String, _ extent: Extent, initial: Double = 0) {
    self.name = name
    self.extent = extent
    self.initial = initial
  }
}

/// The inputs that perturbations must stay among: every element between two numbers.
public struct AttackBox: Hashable, Sendable {
  /// The smallest element, in input units.
  public let low: Double
  /// The largest element.
  public let high: Double

  /// A box; `low` must be below `high`.
  public init(low: Double, high: Double) {
    precondition(low < high)
    self.low = low
    self.high = high
  }
}

/// Where an attack goes.
public struct AttackMove {
  /// The next point of each sample, [N, …], before it is projected.
  public let point: Value
  /// The next value of each slot, in the order of ``Attack/slots``.
  public let slots: [Value]

  /// A move.
  public init(to point: Value, slots: [Value] = []) {
    self.point = point
    self.slots = slots
  }
}

/// What an attack works on: a batch of N samples, each attacked for itself.
public struct AttackContext {
  /// The graph under construction.
  public var builder: GraphBuilder
  /// The unperturbed samples, [N, …].
  public let original: Value
  /// One-hot labels, [N, K].
  public let labels: Value
  /// The radius allowed to each sample, [N]; beyond all reach where there is none.
  public let radii: Value
  /// The points so far, [N, …].
  public let point: Value
  /// F(point), [N, K].
  public let logits: Value
  /// 1 where the point's label is not strictly ahead, [N].
  public let isAdversarial: Value
  /// The kept tensors, in the order of ``Attack/slots``.
  public let slots: [Value]
  /// The number of this move within its round, a scalar, from 0.
  public let step: Value
  /// 1 after the last move of a round, a scalar.
  public let isLast: Value
  /// Where elements may lie; nil for all of ℝ.
  public let box: AttackBox?
  /// Uniform numbers in [0, 1), of the type of ``point``, other ones for each move.
  public let noise: Value

  /// Collects the parts.
  public init(
    builder: GraphBuilder, original: Value, labels: Value, radii: Value, point: Value,
    logits: Value, isAdversarial: Value, slots: [Value], step: Value, isLast: Value,
    box: AttackBox?, noise: Value
  ) {
    self.builder = builder
    self.original = original
    self.labels = labels
    self.radii = radii
    self.point = point
    self.logits = logits
    self.isAdversarial = isAdversarial
    self.slots = slots
    self.step = step
    self.isLast = isLast
    self.box = box
    self.noise = noise
  }

  /// Σ cotangentₖ · ∂Fₖ/∂x at the point of each sample, [N, …].
  public mutating func gradient(_ cotangent: Value) -> Value {
    let held = builder.stopGradient(cotangent)
    return builder.pullback(of: [(logits, held)], to: [point])[0]
  }
}
