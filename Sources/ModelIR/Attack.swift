import TensorGraph

/// A search for adversarial examples.
///
/// An attack describes one move of a batch as part of a compiled graph. The caller evaluates the
/// point of each sample, keeps the nearest adversarial one, and continues, for ``rounds`` rounds of
/// ``steps`` moves. The caller projects every point into the box and the ball. A found example gives
/// an upper bound on the distance to the nearest one; finding none proves nothing.
public protocol Attack: CatalogEntry where Example == String {
  /// What is searched for.
  var search: AttackSearch { get }
  /// The number of rounds, each a separate search: random restarts, or values of a constant.
  var rounds: Int { get }
  /// The number of moves in a round.
  var steps: Int { get }
  /// What is stored for each sample besides its point.
  var slots: [AttackSlot] { get }
  /// One move; after the last move of a round it returns the point where the next round begins.
  func move(_ context: AttackContext) -> AttackMove
}

extension Attack {
  /// None unless an entry says otherwise.
  public var slots: [AttackSlot] { [] }
}

/// What an attack searches for, which also says when it is done with a sample.
public enum AttackSearch: Sendable {
  /// Any adversarial example within a given radius.
  case ball
  /// The first adversarial example on its way.
  case crossing
  /// The nearest adversarial example; the search continues after one is found.
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

/// The inputs that a perturbed sample may be: every element between two numbers.
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
  public let point: Tensor
  /// The next value of each slot, in the order of ``Attack/slots``.
  public let slots: [Tensor]

  /// A move.
  public init(to point: Tensor, slots: [Tensor] = []) {
    self.point = point
    self.slots = slots
  }
}

/// What an attack works on: a batch of N samples, each attacked independently.
public struct AttackContext {
  /// The graph under construction.
  public let builder: GraphBuilder
  /// The unperturbed samples, [N, …].
  public let original: Tensor
  /// One-hot labels, [N, K].
  public let labels: Tensor
  /// The radius allowed to each sample, [N]; the largest number if there is none.
  public let radii: Tensor
  /// The points so far, [N, …].
  public let point: Tensor
  /// F(point), [N, K].
  public let logits: Tensor
  /// 1 where the point's label is not strictly ahead, [N].
  public let isAdversarial: Tensor
  /// The kept tensors, in the order of ``Attack/slots``.
  public let slots: [Tensor]
  /// The number of this move within its round, a scalar, from 0.
  public let step: Tensor
  /// 1 after the last move of a round, a scalar.
  public let isLast: Tensor
  /// Where elements may lie; nil for all of ℝ.
  public let box: AttackBox?
  /// Uniform numbers in [0, 1), of the type of ``point``, new ones for each move.
  public let noise: Tensor

  /// Collects the parts.
  public init(
    builder: GraphBuilder, original: Tensor, labels: Tensor, radii: Tensor, point: Tensor,
    logits: Tensor, isAdversarial: Tensor, slots: [Tensor], step: Tensor, isLast: Tensor,
    box: AttackBox?, noise: Tensor
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
  public func gradient(_ cotangent: Tensor) -> Tensor {
    pullback(of: [(logits, stopGradient(cotangent))], to: [point])[0]
  }
}
