import ModelIR
import TensorGraph

/// The graph of one move in the search for two points whose images under a part of a network lie far apart
/// for the points' own distance.
///
/// With Δ = f(b) − f(a), c = (a + b)/2 and h the length asked for, the next points are c ∓ h·v/2 with v the
/// direction of (J_a + J_b)ᵀΔ: where f is linear this is power iteration. c follows (J_b − J_a)ᵀΔ, the gradient
/// of ‖Δ‖²/2, by a share of h. A direction that vanishes is drawn at random. For differences of logits
/// Δ is Σ factorᵢ·Δᵢ. Ratios are float32 estimates; what they are worth has to be shown of the points.
public struct StretchStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  public enum Name {
    /// Kept: the points a, then the points b, [2N, …].
    public static let ends = "ends"
    /// Kept: the lengths asked for, [N].
    public static let lengths = "lengths"
    /// Kept: the factors of the logits in each difference, [N, K]; only for ``NetworkPart/logits``.
    public static let factors = "factors"
    /// Kept: the largest ratio so far, [N].
    public static let ratios = "ratios"
    /// Kept: where it was found, [2N, …].
    public static let best = "best"
    /// Fed: a number that no other move has, for random directions.
    public static let counter = AttackStep.Name.counter
  }

  /// How far the middle moves, as a share of the length.
  private static let drift = 0.5

  /// The move.
  public let graph: Graph

  /// Builds it for N pairs of points.
  public init(_ part: NetworkPart, of model: Model, batch: Int, seed: UInt64) {
    var builder = GraphBuilder("stretch_step")
    let shape = part.inputShape(in: model)
    let ends = builder.input(Name.ends, [2 * batch] + shape, isPersistent: true)
    let lengths = builder.input(Name.lengths, [batch], isPersistent: true)
    let ratios = builder.input(Name.ratios, [batch], isPersistent: true)
    let best = builder.input(Name.best, [2 * batch] + shape, isPersistent: true)
    let counter = builder.input(Name.counter, [])

    let images = part.append(model, points: ends, into: &builder)
    let (a, b) = builder.halves(ends)
    let stretch = builder.stretch(part, images)
    let distance = builder.sampleNorms(builder.subtract(b, a))
    let isApart = builder.compare(.greater, distance, builder.splat(0))
    let safe = builder.select(isApart, distance, builder.splat(1, like: distance))
    let none = builder.splat(0, like: distance)
    let ratio = builder.select(isApart, builder.divide(stretch.length, safe), none)
    let isBetter = builder.compare(.greater, ratio, ratios)
    builder.output(Name.ratios, builder.select(isBetter, ratio, ratios))
    let mask = builder.spread(builder.twice(isBetter), like: ends)
    builder.output(Name.best, builder.select(mask, ends, best))

    let both = builder.twice(stretch.cotangent)
    let (left, right) = builder.halves(builder.pullback(of: [(images, both)], to: [ends])[0])
    let stream = CounterRandom.stream(seed: seed, "stretch")
    let noise = builder.apply(.random(stream: stream), [counter], as: builder.type(a))
    let direction = builder.directionOrRandom(builder.add(left, right), noise: noise)
    let half = builder.scaleSamples(direction, by: builder.scale(lengths, by: 0.5))
    let way = builder.sampleDirections(builder.subtract(right, left))
    let middle = builder.add(
      builder.scale(builder.add(a, b), by: 0.5),
      builder.scaleSamples(way, by: builder.scale(lengths, by: Self.drift)))
    builder.output(
      Name.ends,
      builder.apply(
        .concatenate(axis: 0), [builder.subtract(middle, half), builder.add(middle, half)]))
    graph = builder.graph.simplified()
  }
}

extension GraphBuilder {
  /// ‖Δ‖ for each pair, and the cotangent of b whose pullback is its gradient.
  fileprivate mutating func stretch(
    _ part: NetworkPart, _ images: Value
  ) -> (length: Value, cotangent: Value) {
    let (low, high) = halves(images)
    let change = subtract(high, low)
    switch part {
    case .layer, .upTo: return (sampleNorms(change), sampleDirections(change))
    case .logits:
      let factors = input(StretchStep.Name.factors, shape(change), isPersistent: true)
      let difference = sum(multiply(factors, change), axes: [1])
      let isPositive = compare(.greater, difference, splat(0))
      let one = splat(1, like: difference)
      let sign = select(isPositive, one, splat(-1, like: difference))
      return (unary(.abs, difference), scaleSamples(factors, by: sign))
    }
  }

  /// The first and the second half of a batch.
  fileprivate mutating func halves(_ batch: Value) -> (Value, Value) {
    let shape = shape(batch)
    let half = shape[0] / 2
    func part(_ range: Range<Int>, _ builder: inout GraphBuilder) -> Value {
      var (starts, limits) = (shape.map { _ in 0 }, shape)
      (starts[0], limits[0]) = (range.lowerBound, range.upperBound)
      return builder.apply(
        .slice(starts: starts, limits: limits, strides: shape.map { _ in 1 }), [batch])
    }
    return (part(0..<half, &self), part(half..<2 * half, &self))
  }

  /// A batch followed by itself.
  fileprivate mutating func twice(_ batch: Value) -> Value {
    apply(.concatenate(axis: 0), [batch, batch])
  }

  private mutating func random(_ noise: Value) -> Value {
    sampleDirections(subtract(noise, splat(0.5, like: noise)))
  }

  /// Unit vectors along a batch, random where it vanishes.
  fileprivate mutating func directionOrRandom(_ batch: Value, noise: Value) -> Value {
    let isAlive = compare(.greater, sampleNorms(batch), splat(0))
    return select(spread(isAlive, like: batch), sampleDirections(batch), random(noise))
  }
}
