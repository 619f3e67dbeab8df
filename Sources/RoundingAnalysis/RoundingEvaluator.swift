import Enclosure
import TensorGraph

/// Evaluates a prediction graph in interval arithmetic, and bounds the errors of the same graph executed in
/// float32, at each sample and at every input in a ball around it.
///
/// For every float32 input x′ with ‖x′ − x‖₂ ≤ r, the executed output is within the returned errors of the
/// exact output at x′. If the graph could overflow, the errors are ∞. This is a forward analysis of rounding
/// errors (Higham 2002, §3.1–3.3). Within a layer it is element by element, with magnitudes that hold for
/// the whole ball; from layer to layer it is in the ℓ2 norm, by the Lipschitz constants of the layers.
///
/// The graph must be built for a batch of 1. Samples are evaluated side by side in lanes, each with its own
/// ball. It costs about twice as much as enclosing the outputs. Part of the trusted base.
public struct RoundingEvaluator: Sendable {
  /// The bounds on the output for one sample.
  public struct Result: Sendable {
    /// Lower ends of the exact elements at the sample, row-major.
    public let lower: [Double]
    /// Upper ends.
    public let upper: [Double]
    /// For every input x′ in the ball, the executed elements are within these errors of the values of the
    /// last layer's exact function at its executed operands.
    let own: [UpperBound]
    /// Bounds the difference of those values from the exact output at x′.
    let propagated: PropagatedError

    /// - Parameters:
    ///   - own: the errors that the last layer itself makes.
    ///   - propagated: those that it propagates from its operands.
    public init(lower: [Double], upper: [Double], own: [UpperBound], propagated: PropagatedError) {
      (self.lower, self.upper) = (lower, upper)
      (self.own, self.propagated) = (own, propagated)
    }

    /// Bounds |executed − exact| for each element and every input in the ball.
    public var error: [UpperBound] { own.indices.map { own[$0] + propagated.bound($0) } }

    /// Bounds |executed − exact| for the difference of two elements.
    public func differenceError(_ i: Int, _ j: Int) -> UpperBound {
      own[i] + own[j] + propagated.bound(i, j)
    }
  }

  private let graph: Graph
  private let output: Value
  private let layers: [Int: AnalyzedLayer]
  private let shared: [Int: BallEnclosure]
  private let sums: [Int: SumRounding]
  private let selections: [Int: UndecidedSelection]
  /// The nodes that depend on the sample, each with the values that are not read after it.
  private let schedule: [(index: Int, lastReads: [Int])]

  /// An evaluator of a graph whose input `fed` varies; `weights` gives the exact values of all others.
  ///
  /// - Parameters:
  ///   - output: the output to analyze.
  ///   - layers: the layers of the graph, operands first; without layers, errors are bounded element by
  ///     element throughout.
  public init(
    _ graph: Graph, fed: String, output: String, layers: [AnalyzedLayer] = [],
    weights: (String) -> [Float]
  ) {
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      preconditionFailure("graph '\(graph.name)' has no output '\(output)'")
    }
    self.graph = graph
    self.output = result.value
    let layers = AnalyzedLayer.usable(layers, in: graph, fed: fed, output: result.value)
    self.layers = layers
    var preparation = RoundingPreparation(graph, fed: fed)
    // A layer that simplification has bypassed still propagates its error.
    let needed = graph.indices(behind: [result.value] + layers.values.map(\.value))
    for index in needed { preparation.add(index, weights) }
    shared = preparation.shared
    sums = preparation.sums
    selections = preparation.selections
    schedule = preparation.schedule(
      keeping: result.value, operands: layers.mapValues(\.operands))
  }

  /// Enclosures and errors of the output for a block of samples.
  ///
  /// - Parameters:
  ///   - samples: the fed input's elements, one array a sample.
  ///   - radii: the radius of each sample's ball.
  public func evaluate(_ samples: [ArraySlice<Float>], radii: [UpperBound]) -> [Result] {
    precondition(samples.count == radii.count, "every sample must have a radius")
    let ball = Ball(samples: samples, radii: radii)
    var values = shared
    for (index, lastReads) in schedule {
      let value = evaluate(index, values, ball)
      if index == output.index { return results(value, values, lanes: samples.count) }
      values[index] = layers[index].map { layerOutput($0, value, values, ball) } ?? value
      for value in lastReads { values[value] = nil }
    }
    return results(values[output.index]!, values, lanes: samples.count)
  }

  /// The bounds on the output, whose operands are among the values.
  private func results(
    _ value: BallEnclosure, _ values: [Int: BallEnclosure], lanes: Int
  ) -> [Result] {
    var own = value.rounded.error
    var propagated: (Int) -> PropagatedError = { _ in .norm(.zero) }
    if let layer = layers[output.index] {
      let errors = layer.operands.map { error(of: $0, values) }
      if case .matrix(let rows, _) = layer.propagation {
        propagated = {
          .rows(
            rows, elementwise: errors[0].elementwise(lane: $0), euclidean: errors[0].euclidean[$0])
        }
      } else {
        let error = layer.error(errors, result: value.rounded)
        own = error.elementwise
        propagated = { .norm(error.euclidean[$0]) }
      }
    }
    return (0..<lanes).map { lane in
      let places = (0..<value.center.type.count).map { value.center.position($0, lane) }
      return Result(
        lower: places.map { value.center.lower[$0] }, upper: places.map { value.center.upper[$0] },
        own: places.map { UpperBound(proven: own[$0]) }, propagated: propagated(lane))
    }
  }

  /// A block of samples with the radius of each.
  private struct Ball {
    let samples: [ArraySlice<Float>]
    let radii: [UpperBound]
  }

  private func evaluate(_ index: Int, _ values: [Int: BallEnclosure], _ ball: Ball) -> BallEnclosure
  {
    let node = graph.nodes[index]
    if case .input = node.operation {
      return BallEnclosure(
        EnclosingEvaluator.interleave(ball.samples, node.type), radii: ball.radii)
    }
    let operands = node.operands.map { values[$0.index]! }
    let center = EnclosingEvaluator.evaluate(node, operands.map(\.center))
    let unknown = Array(repeating: UpperBound.infinity, count: center.lanes)
    if let sum = sums[index] {
      let x = operands[sum.position]
      let exact = IntervalTensor.around(center) { (sum.norms[$0] * x.distances[$1].value).nextUp }
      let errors = sum.errors(x, center: center, result: exact)
      return BallEnclosure(
        center: center,
        rounded: RoundedTensor(
          exact, error: errors, least: RoundingRule.least(node, operands.map(\.rounded))),
        distances: unknown)
    }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.rounded.exact))
    let undecided = selections[index]?.evaluate(graph, node.operands[1...]) {
      values[$0.index]!.rounded
    }
    let rounded = RoundingRule.result(
      node, operands.map(\.rounded), exact: exact, undecided: undecided)
    return BallEnclosure(
      center: center, rounded: rounded,
      distances: node.operation.keepsDistances ? operands[0].distances : unknown)
  }

  private func error(of value: Value, _ values: [Int: BallEnclosure]) -> ErrorBound {
    guard let error = values[value.index]?.error else {
      preconditionFailure("a layer's operand must be the input or a layer's output")
    }
    return error
  }

  /// A layer's output, with executed values in place of exact ones.
  private func layerOutput(
    _ layer: AnalyzedLayer, _ value: BallEnclosure, _ values: [Int: BallEnclosure], _ ball: Ball
  ) -> BallEnclosure {
    let error = layer.error(
      layer.operands.map { self.error(of: $0, values) }, result: value.rounded)
    let distances = zip(ball.radii, error.norms).map { layer.constant * $0 + $1 }
    let executed = value.rounded.executed.intersection(
      .around(value.center) { distances[$1].value })
    return BallEnclosure(
      center: value.center, executed: executed, least: value.rounded.least, distances: distances,
      error: error)
  }
}

extension Operation {
  /// Whether two results are no farther apart than their operands.
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
