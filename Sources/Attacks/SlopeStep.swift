import Compiler
import ModelIR
import TensorGraph

/// The graph that takes one gradient of a difference of logits for each sample and keeps the steepest: a
/// search for the largest slope in a ball around each sample.
///
/// The next point is a step of gradient ascent on the slope where the slope has a gradient, and a random point
/// of the ball where it has none: the slope of a piecewise linear network is constant around almost every point.
/// Every slope is a lower bound on the difference's Lipschitz constant, but for float32 rounding.
struct SlopeStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  enum Name {
    /// Kept: the centers, [N, …].
    static let images = AttackStep.Name.images
    /// Kept: the balls' radii, [N].
    static let radii = AttackStep.Name.radii
    /// Kept: the factors of the logits in the difference, [N, K].
    static let factors = "factors"
    /// Kept: where the slope is taken, [N, …].
    static let point = AttackStep.Name.point
    /// Kept: the largest slope so far, [N].
    static let slope = "slope"
    /// Kept: where it was found, [N, …].
    static let steepest = "steepest"
    /// Kept: the unit gradient there, [N, …].
    static let direction = "direction"
    /// Fed: the distance of random points, as a share of the radius.
    static let share = "share"
    /// Fed: a number unique to the step, for random points.
    static let counter = AttackStep.Name.counter
  }

  /// The length of a step of ascent as a share of the radius.
  private static let ascentShare = 0.25

  let graph: Graph

  /// - Parameter box: where random points may lie; nil for all of ℝ.
  init(model: Model, box: AttackBox?, batch: Int, seed: UInt64) {
    let builder = GraphBuilder("slope_step")
    let shape = [batch] + model.inputShape
    func keep(_ name: String, _ shape: [Int]) -> Tensor {
      builder.input(name, shape, isPersistent: true)
    }
    let center = keep(Name.images, shape)
    let radii = keep(Name.radii, [batch])
    let factors = keep(Name.factors, [batch] + model.shape(of: model.output))
    let point = keep(Name.point, shape)
    let slope = keep(Name.slope, [batch])
    let steepest = keep(Name.steepest, shape)
    let direction = keep(Name.direction, shape)
    let share = builder.input(Name.share, [])
    let counter = builder.input(Name.counter, [])

    let logits = ModelGraph(model, images: point, mode: .inference).logits
    let gradient = pullback(of: [(logits, factors)], to: [point])[0]
    let norm = gradient.sampleNorms()
    let isSteeper = norm .> slope
    let mask = isSteeper.spread(like: point)
    builder.output(Name.slope, select(isSteeper, norm, slope))
    builder.output(Name.steepest, select(mask, point, steepest))
    builder.output(Name.direction, select(mask, gradient.sampleDirections(), direction))

    let rise = (gradient * gradient).sum().gradients(withRespectTo: [point])[0]
    let noise = builder.random(
      stream: CounterRandom.stream(seed: seed, "slope"), counter: counter, like: point)
    let ascended = point + rise.sampleDirections().scaledSamples(by: radii * Self.ascentShare)
    let random = center + noise.randomDirections().scaledSamples(by: radii * share)
    let hasRise = (rise.sampleNorms() .> 0).spread(like: point)
    let next = select(hasRise, ascended, random).confined(to: radii, around: center)
    builder.output(Name.point, next.confined(to: box))
    graph = builder.graph.simplified()
  }
}

extension Tensor {
  /// Unit vectors, one for each sample, from uniform numbers in [0, 1).
  func randomDirections() -> Tensor { (self - 0.5).sampleDirections() }
}
