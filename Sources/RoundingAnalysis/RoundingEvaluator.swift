import Enclosure
import TensorGraph

/// Evaluates a prediction graph in interval arithmetic and bounds how far the same graph, executed in
/// float32, may be from it, at each sample and at every input in a ball around it.
///
/// For every float32 input x′ with ‖x′ − x‖₂ ≤ r the executed output lies within the returned errors of
/// the exact output at x′; where the graph could overflow they are ∞. It is a forward analysis of
/// rounding errors (Higham 2002, §3.1–3.3): within a layer element by element, with magnitudes that hold
/// for the whole ball, from layer to layer in the ℓ2 norm by the layers' Lipschitz constants.
///
/// The graph must be built for a batch of 1; samples run side by side in lanes, each with a ball of its
/// own. Cost: about twice the enclosure of the outputs. Part of the trusted base.
public struct RoundingEvaluator: Sendable {
  /// What is known of an output at one sample.
  public struct Result: Sendable {
    /// Lower ends of the exact elements at the sample, row-major.
    public let lower: [Double]
    /// Upper ends.
    public let upper: [Double]
    /// For every input x′ in the ball the executed elements are within these errors of what the last
    /// layer's exact function gives for its executed operands.
    let own: [UpperBound]
    /// How far that is from the exact output at x′.
    let inherited: InheritedError

    /// What is known, of given parts.
    public init(lower: [Double], upper: [Double], own: [UpperBound], inherited: InheritedError) {
      (self.lower, self.upper) = (lower, upper)
      (self.own, self.inherited) = (own, inherited)
    }

    /// A bound of |executed − exact| for each element and every input in the ball.
    public var error: [UpperBound] { own.indices.map { own[$0] + inherited.bound($0) } }

    /// A bound of |executed − exact| for the difference of two elements.
    public func differenceError(_ i: Int, _ j: Int) -> UpperBound {
      own[i] + own[j] + inherited.bound(i, j)
    }
  }

  private let graph: Graph
  private let output: Value
  private let layers: [Int: AnalysedLayer]
  private let shared: [Int: BallTensor]
  private let sums: [Int: SumRounding]
  private let regions: [Int: FlipRegion]
  /// The nodes that vary with the sample, each with the values that are not read after it.
  private let schedule: [(index: Int, dying: [Int])]

  /// An evaluator of a graph whose input `fed` varies; all others are given here, exactly.
  ///
  /// - Parameters:
  ///   - output: the output whose errors are asked for.
  ///   - layers: what is known of values of the graph, operands first; with none, errors are followed
  ///     element by element throughout.
  public init(
    _ graph: Graph, fed: String, output: String, layers: [AnalysedLayer] = [],
    weights: (String) -> [Float]
  ) {
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      preconditionFailure("graph '\(graph.name)' has no output '\(output)'")
    }
    self.graph = graph
    self.output = result.value
    let layers = AnalysedLayer.usable(layers, in: graph, fed: fed, output: result.value)
    self.layers = layers
    var preparation = RoundingPreparation(graph, fed: fed)
    // A layer that simplification has bypassed still hands its drift on.
    let needed = graph.indices(behind: [result.value] + layers.values.map(\.value))
    for index in needed { preparation.add(index, weights) }
    shared = preparation.shared
    sums = preparation.sums
    regions = preparation.regions
    schedule = preparation.schedule(
      keeping: result.value, operands: layers.mapValues(\.operands))
  }

  /// Enclosures and errors of the output for a block of samples.
  ///
  /// - Parameters:
  ///   - samples: the fed input's elements, one array a sample.
  ///   - radii: the radius of each sample's ball.
  public func evaluate(_ samples: [ArraySlice<Float>], radii: [UpperBound]) -> [Result] {
    precondition(samples.count == radii.count, "a radius for every sample")
    let ball = Ball(samples: samples, radii: radii)
    var values = shared
    for (index, dying) in schedule {
      let value = evaluate(index, values, ball)
      if index == output.index { return results(value, values, lanes: samples.count) }
      values[index] = layers[index].map { leave($0, value, values, ball) } ?? value
      for value in dying { values[value] = nil }
    }
    return results(values[output.index]!, values, lanes: samples.count)
  }

  /// What is known of the output, whose operands are among the values.
  private func results(
    _ value: BallTensor, _ values: [Int: BallTensor], lanes: Int
  ) -> [Result] {
    var own = value.rounded.error
    var inherited: (Int) -> InheritedError = { _ in .norm(.zero) }
    if let layer = layers[output.index] {
      let drifts = layer.operands.map { drift(of: $0, values) }
      if case .matrix(let rows, _) = layer.step {
        inherited = { .rows(rows, local: drifts[0].local(lane: $0), rest: drifts[0].rest[$0]) }
      } else {
        let drift = layer.drift(drifts, result: value.rounded)
        own = drift.local
        inherited = { .norm(drift.rest[$0]) }
      }
    }
    return (0..<lanes).map { lane in
      let places = (0..<value.center.type.count).map { value.center.position($0, lane) }
      return Result(
        lower: places.map { value.center.lower[$0] }, upper: places.map { value.center.upper[$0] },
        own: places.map { UpperBound(proven: own[$0]) }, inherited: inherited(lane))
    }
  }

  /// A block of samples with the radius of each.
  private struct Ball {
    let samples: [ArraySlice<Float>]
    let radii: [UpperBound]
  }

  private func evaluate(_ index: Int, _ values: [Int: BallTensor], _ ball: Ball) -> BallTensor {
    let node = graph.nodes[index]
    if case .input = node.operation {
      return BallTensor(
        EnclosingEvaluator.interleave(ball.samples, node.type), radii: ball.radii)
    }
    let operands = node.operands.map { values[$0.index]! }
    let center = EnclosingEvaluator.evaluate(node, operands.map(\.center))
    let unknown = Array(repeating: UpperBound.infinity, count: center.lanes)
    if let sum = sums[index] {
      let x = operands[sum.position]
      let exact = LaneTensor.around(center) { (sum.norms[$0] * x.travel[$1].value).nextUp }
      let errors = sum.errors(x, center: center, result: exact)
      return BallTensor(
        center: center,
        rounded: RoundedTensor(
          exact, error: errors, least: RoundingRule.least(node, operands.map(\.rounded))),
        travel: unknown)
    }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.rounded.exact))
    let flipped = regions[index]?.evaluate(graph, node.operands[1...]) {
      values[$0.index]!.rounded
    }
    let rounded = RoundingRule.result(
      node, operands.map(\.rounded), exact: exact, flipped: flipped)
    return BallTensor(
      center: center, rounded: rounded,
      travel: node.operation.keepsDistances ? operands[0].travel : unknown)
  }

  private func drift(of value: Value, _ values: [Int: BallTensor]) -> Drift {
    guard let drift = values[value.index]?.drift else {
      preconditionFailure("a layer's operand is no layer's output")
    }
    return drift
  }

  /// A layer's output as later layers take it.
  private func leave(
    _ layer: AnalysedLayer, _ value: BallTensor, _ values: [Int: BallTensor], _ ball: Ball
  ) -> BallTensor {
    let drift = layer.drift(
      layer.operands.map { self.drift(of: $0, values) }, result: value.rounded)
    let travel = zip(ball.radii, drift.norms).map { layer.constant * $0 + $1 }
    let executed = value.rounded.executed.intersection(
      .around(value.center) { travel[$1].value })
    return BallTensor(
      center: value.center, executed: executed, least: value.rounded.least, travel: travel,
      drift: drift)
  }
}

extension Operation {
  /// Whether the result is no farther from another result than the operand from its.
  fileprivate var keepsDistances: Bool {
    switch self {
    case .reshape, .transpose, .slice, .pad, .stopGradient: true
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reduce,
      .concatenate, .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient,
      .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random:
      false
    }
  }
}
