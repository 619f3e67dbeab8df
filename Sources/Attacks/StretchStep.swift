import ModelIR
import TensorGraph

/// The graph of one step in the search for two points a, b that maximize the ratio ‖f(b) − f(a)‖ / ‖b − a‖ of
/// a part f of a network.
///
/// With Δ = f(b) − f(a), c = (a + b)/2 and h the distance to keep, the next points are c ∓ h·v/2 with v the
/// direction of (J_a + J_b)ᵀΔ: where f is linear this is power iteration. c moves along (J_b − J_a)ᵀΔ, the
/// gradient of ‖Δ‖²/2, by a share of h. A direction of length 0 is replaced by a random one. For
/// differences of logits Δ is Σ factorᵢ·Δᵢ. Ratios are float32 estimates: they prove nothing until they are
/// verified at the points found.
struct StretchStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  enum Name {
    /// Kept: the points a, then the points b, [2N, …].
    static let ends = "ends"
    /// Kept: the distances h, [N].
    static let lengths = "lengths"
    /// Kept: the factors of the logits in each difference, [N, K]; only for ``NetworkPart/logits``.
    static let factors = "factors"
    /// Kept: the largest ratio so far, [N].
    static let ratios = "ratios"
    /// Kept: where it was found, [2N, …].
    static let best = "best"
    /// Fed: a number unique to the step, for random directions.
    static let counter = AttackStep.Name.counter
  }

  /// How far the center moves, as a share of the length.
  private static let centerShare = 0.5

  let graph: Graph

  init(_ part: NetworkPart, of model: Model, batch: Int, seed: UInt64) {
    let builder = GraphBuilder("stretch_step")
    let shape = part.inputShape(in: model)
    let ends = builder.input(Name.ends, [2 * batch] + shape, isPersistent: true)
    let lengths = builder.input(Name.lengths, [batch], isPersistent: true)
    let ratios = builder.input(Name.ratios, [batch], isPersistent: true)
    let best = builder.input(Name.best, [2 * batch] + shape, isPersistent: true)
    let counter = builder.input(Name.counter, [])

    let images = part.images(of: ends, in: model)
    let (a, b) = ends.halves()
    let (stretch, cotangent) = Self.stretch(part, images)
    let distance = (b - a).sampleNorms()
    let isApart = distance .> 0
    let ratio = select(isApart, stretch / select(isApart, distance, 1), 0)
    let isBetter = ratio .> ratios
    builder.output(Name.ratios, select(isBetter, ratio, ratios))
    builder.output(Name.best, select(isBetter.twice().spread(like: ends), ends, best))

    let (left, right) = pullback(of: [(images, cotangent.twice())], to: [ends])[0].halves()
    let noise = builder.random(
      stream: CounterRandom.stream(seed: seed, "stretch"), counter: counter, like: a)
    let direction = (left + right).directions(orRandom: noise)
    let half = direction.scaledSamples(by: lengths * 0.5)
    let shift = (right - left).sampleDirections()
    let center = (a + b) * 0.5 + shift.scaledSamples(by: lengths * Self.centerShare)
    builder.output(Name.ends, concatenate([center - half, center + half], axis: 0))
    graph = builder.graph.simplified()
  }

  /// ‖Δ‖ for each pair, and the cotangent of b whose pullback is its gradient.
  private static func stretch(
    _ part: NetworkPart, _ images: Tensor
  ) -> (length: Tensor, cotangent: Tensor) {
    let (low, high) = images.halves()
    let change = high - low
    switch part {
    case .layer, .upTo: return (change.sampleNorms(), change.sampleDirections())
    case .logits:
      let factors = images.builder.input(Name.factors, change.shape, isPersistent: true)
      let difference = (factors * change).sum(axes: [1])
      let sign = select(difference .> 0, 1, difference.constant(-1))
      return (abs(difference), factors.scaledSamples(by: sign))
    }
  }
}

extension Tensor {
  /// The first and the second half of a batch.
  fileprivate func halves() -> (Tensor, Tensor) {
    let half = shape[0] / 2
    return (sliced(0..<half, axis: 0), sliced(half..<2 * half, axis: 0))
  }

  /// A batch followed by itself.
  fileprivate func twice() -> Tensor { concatenate([self, self], axis: 0) }

  /// Unit vectors along a batch, random ones for samples of zeros.
  fileprivate func directions(orRandom noise: Tensor) -> Tensor {
    let isNonzero = (sampleNorms() .> 0).spread(like: self)
    return select(isNonzero, sampleDirections(), noise.randomDirections())
  }
}
