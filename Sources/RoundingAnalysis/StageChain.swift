import Enclosure
import MatrixProducts
import TensorGraph

/// What ``BallEnclosure`` knows, of one element in two lanes.
struct BallLanes {
  var center: Ends
  var range: Ends
  var error: Lanes
  /// At a layer's output, the error that its reader carries on.
  var carried = Lanes.zero
}

/// The operations of a stage after its sum, if each takes the result of the one before and values that are
/// known already: they are computed in registers.
struct StageChain: Sendable {
  /// What a member makes of the result of the step before.
  enum Effect: Sendable {
    /// The same elements; the first step takes the sum.
    case same
    /// An operation on it and on the element of another value at the same place.
    case binary(Operation.Binary, Other, isOtherFirst: Bool)
  }

  /// The other operand of an operation.
  enum Other: Sendable {
    /// The ends and errors of a value that does not depend on the sample, and the least executed element.
    case shared(ends: (lower: LaneMemory, upper: LaneMemory), error: LaneMemory, least: Double)
    /// A value of an earlier stage.
    case stored(Int)

    fileprivate init(_ index: Int, _ plan: AnalysisPlan) {
      guard let value = plan.shared[index] else {
        self = .stored(index)
        return
      }
      func memory(_ numbers: [Double]) -> LaneMemory { LaneMemory(numbers, lanes: 1) }
      self = .shared(
        ends: (memory(value.exact.lower), memory(value.exact.upper)), error: memory(value.error),
        least: value.least)
    }
  }

  /// One member of the stage.
  struct Step: Sendable {
    let index: Int
    let effect: Effect
    /// Bounds all executed elements from below.
    let least: Double
    let layer: Layer?
  }

  /// What a layer does with the errors of its operands.
  enum Layer: Sendable {
    /// Only its own errors are carried on.
    case separate
    /// Each element is a function of one, with this constant; its error is carried on.
    case elementwise(Double)
    /// The errors of the result of the step before, of the other operand, or of both, are added.
    case sum(previous: Bool, other: Bool)
  }

  let steps: [Step]

  /// Nil if a member reads something else, or is the network's output.
  init?(_ stage: StagePlan.Stage, _ plan: AnalysisPlan) {
    guard case .sum = stage.root else { return nil }
    var steps: [Step] = []
    var previous: Int?
    var lastLayer: Int?
    for index in stage.members {
      guard index != plan.output.index, let effect = Self.effect(index, previous, stage, plan)
      else { return nil }
      var layer: Layer?
      if let analyzed = plan.layers[index] {
        guard let found = Self.layer(analyzed, lastLayer, effect, plan) else { return nil }
        (layer, lastLayer) = (found, index)
      }
      let least = plan.least[index] ?? -.infinity
      steps.append(Step(index: index, effect: effect, least: least, layer: layer))
      previous = index
    }
    self.steps = steps
  }

  /// What a member does with the result of the one before; nil if it reads anything else of the stage.
  private static func effect(
    _ index: Int, _ previous: Int?, _ stage: StagePlan.Stage, _ plan: AnalysisPlan
  ) -> Effect? {
    guard let previous else { return .same }
    let node = plan.graph.nodes[index]
    switch node.operation {
    case .reshape, .stopGradient:
      return node.operands[0].index == previous ? .same : nil
    case .binary(let function):
      let isOtherFirst = node.operands[1].index == previous
      let other = node.operands[isOtherFirst ? 0 : 1].index
      let reads = node.operands[isOtherFirst ? 1 : 0].index
      guard reads == previous, !stage.members.contains(other) else { return nil }
      return .binary(function, Other(other, plan), isOtherFirst: isOtherFirst)
    case .unary, .compare, .select, .input, .splat, .literal, .broadcast, .transpose, .reduce,
      .slice, .pad, .concatenate, .dot, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter,
      .random:
      return nil
    }
  }

  /// What the layer does with errors; nil if it carries on those of other values.
  private static func layer(
    _ layer: AnalyzedLayer, _ previous: Int?, _ effect: Effect, _ plan: AnalysisPlan
  ) -> Layer? {
    var other: Int?
    if case .binary(_, .stored(let index), _) = effect { other = index }
    let carried = layer.operands.map(\.index).filter { plan.carried.contains($0) }
    switch layer.propagation {
    case .lipschitz, .matrix, .concatenation: return .separate
    case .elementwise(let constant):
      guard let operand = carried.first else { return .separate }
      return operand == previous ? .elementwise(constant.value) : nil
    case .sum:
      guard carried.allSatisfy({ $0 == previous || $0 == other }),
        Set(carried).count == carried.count
      else { return nil }
      return .sum(
        previous: carried.contains { $0 == previous }, other: carried.contains { $0 == other })
    }
  }
}
