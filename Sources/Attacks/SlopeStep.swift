import Compiler
import ModelIR
import TensorGraph

/// The graph that takes one gradient of a difference of logits for each sample and keeps the steepest: a
/// search for the largest slope in a ball around each sample.
///
/// The next point is a step of gradient ascent on the slope where the slope has a gradient, and a random point
/// of the ball where it has none: the slope of a piecewise linear network is constant around almost every point.
/// Every slope is a lower bound on the difference's Lipschitz constant, but for float32 rounding.
public struct SlopeStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  public enum Name {
    /// Kept: the centres, [N, …].
    public static let images = AttackStep.Name.images
    /// Kept: the balls' radii, [N].
    public static let radii = AttackStep.Name.radii
    /// Kept: the factors of the logits in the difference, [N, K].
    public static let factors = "factors"
    /// Kept: where the slope is taken, [N, …].
    public static let point = AttackStep.Name.point
    /// Kept: the largest slope so far, [N].
    public static let slope = "slope"
    /// Kept: where it was found, [N, …].
    public static let steepest = "steepest"
    /// Kept: the unit gradient there, [N, …].
    public static let direction = "direction"
    /// Fed: the distance of random points, as a share of the radius.
    public static let share = "share"
    /// Fed: a number that no other step has, for random points.
    public static let counter = AttackStep.Name.counter
  }

  /// The length of a step of ascent as a share of the radius.
  static let ascentShare = 0.25

  /// The step.
  public let graph: Graph

  /// Builds it for a batch size.
  ///
  /// - Parameter box: where random points may lie; nil for all of ℝ.
  public init(model: Model, box: AttackBox?, batch: Int, seed: UInt64) {
    var builder = GraphBuilder("slope_step")
    let shape = [batch] + model.inputShape
    func keep(_ name: String, _ shape: [Int]) -> Value {
      builder.input(name, shape, isPersistent: true)
    }
    let centre = keep(Name.images, shape)
    let radii = keep(Name.radii, [batch])
    let factors = keep(Name.factors, [batch] + model.shape(of: model.output))
    let point = keep(Name.point, shape)
    let slope = keep(Name.slope, [batch])
    let steepest = keep(Name.steepest, shape)
    let direction = keep(Name.direction, shape)
    let share = builder.input(Name.share, [])
    let counter = builder.input(Name.counter, [])

    let network = ModelGraph(model, images: point, mode: .inference, into: &builder)
    let gradient = builder.pullback(of: [(network.logits, factors)], to: [point])[0]
    let norm = builder.sampleNorms(gradient)
    let isSteeper = builder.compare(.greater, norm, slope)
    let mask = builder.spread(isSteeper, like: point)
    builder.output(Name.slope, builder.select(isSteeper, norm, slope))
    builder.output(Name.steepest, builder.select(mask, point, steepest))
    builder.output(
      Name.direction,
      builder.select(mask, builder.sampleDirections(gradient), direction))

    let square = builder.sum(builder.multiply(gradient, gradient))
    let rise = builder.gradients(of: square, withRespectTo: [point])[0]
    let stream = CounterRandom.stream(seed: seed, "slope")
    let noise = builder.apply(.random(stream: stream), [counter], as: builder.type(point))
    let next = builder.nextPoint(
      from: point, along: rise, noise: noise, around: centre, radii: radii, share: share)
    builder.output(Name.point, builder.confine(next, to: box))
    graph = builder.graph.simplified()
  }
}

extension GraphBuilder {
  /// A step of ascent, or a random point where there is nothing to ascend; within the ball.
  fileprivate mutating func nextPoint(
    from point: Value, along rise: Value, noise: Value, around centre: Value, radii: Value,
    share: Value
  ) -> Value {
    let step = scale(radii, by: SlopeStep.ascentShare)
    let ascended = add(point, scaleSamples(sampleDirections(rise), by: step))
    let distance = multiply(radii, share)
    let random = onSphere(noise, around: centre, radii: distance)
    let hasRise = compare(.greater, sampleNorms(rise), splat(0))
    let next = select(spread(hasRise, like: point), ascended, random)
    return confine(next, to: radii, around: centre)
  }

  /// Each centre moved by its radius in a random direction.
  ///
  /// - Parameter noise: uniform numbers in [0, 1), of the centres' type.
  mutating func onSphere(_ noise: Value, around centre: Value, radii: Value) -> Value {
    let centred = subtract(noise, splat(0.5, like: noise))
    return add(centre, scaleSamples(sampleDirections(centred), by: radii))
  }
}
