import Enclosure
import MatrixProducts
import TensorGraph

/// The operations of a stage after its sum, if each takes the result of the one before and values that are
/// known already: they are computed in registers.
struct StageChain: Sendable {
  /// What a member makes of the result of the step before.
  enum Effect: Sendable {
    /// The same elements; the first step takes the sum.
    case same
    /// The element of another value at the same place is added, after negating one of them if asked.
    case add(Other, negated: Negated)
    /// An operation on it and on an element that does not depend on the sample.
    case multiply(Other)
    case maximum(Other)
    case minimum(Other)

    /// The operand that is subtracted.
    enum Negated { case none, previous, other }
  }

  /// The other operand of an operation.
  enum Other: Sendable {
    /// A value that does not depend on the sample.
    case shared(SharedBalls)
    /// The output of a layer of an earlier stage.
    case stored(Int)
  }

  /// The elements of a value that does not depend on the sample, all finite.
  struct SharedBalls: Sendable {
    let (middle, half): (LaneMemory, LaneMemory)
    let (lower, upper): (LaneMemory, LaneMemory)
    let error: LaneMemory

    /// Nil if an element is not finite.
    fileprivate init?(_ value: RoundedTensor) {
      let exact = value.exact
      guard [exact.lower, exact.upper, value.error].joined().allSatisfy(\.isFinite) else {
        return nil
      }
      func memory(_ numbers: [Double]) -> LaneMemory { LaneMemory(numbers, lanes: 1) }
      let (middles, halves) = exact.middleAndHalf
      (lower, upper) = (memory(exact.lower), memory(exact.upper))
      middle = memory(middles)
      half = memory(halves.isEmpty ? middles.map { _ in 0 } : halves)
      error = memory(value.error)
    }
  }

  /// One member of the stage.
  struct Step: Sendable {
    let index: Int
    let effect: Effect
    /// Bounds all executed elements from below.
    let least: Double
    let layer: Layer?
    let format: ExecutedFormat
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
      steps.append(
        Step(
          index: index, effect: effect, least: least, layer: layer, format: plan.format(of: index)))
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
    case .reshape, .stopGradient, .withDerivative:
      return node.operands[0].index == previous ? .same : nil
    case .binary(let function):
      let isOtherFirst = node.operands[1].index == previous
      let other = node.operands[isOtherFirst ? 0 : 1].index
      let reads = node.operands[isOtherFirst ? 1 : 0].index
      guard reads == previous, !stage.members.contains(other) else { return nil }
      return effect(function, other, isOtherFirst, plan)
    case .unary, .compare, .select, .input, .splat, .literal, .broadcast, .transpose, .reduce,
      .slice, .pad, .concatenate, .dot, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter,
      .random, .cholesky, .triangularSolve:
      return nil
    }
  }

  /// The effect of an operation; nil if there is no rule for its operands.
  private static func effect(
    _ function: Operation.Binary, _ index: Int, _ isOtherFirst: Bool, _ plan: AnalysisPlan
  ) -> Effect? {
    let other: Other
    if let value = plan.shared[index] {
      guard let balls = SharedBalls(value) else { return nil }
      other = .shared(balls)
    } else {
      guard plan.layers[index] != nil else { return nil }
      other = .stored(index)
    }
    switch (function, other) {
    case (.add, _): return .add(other, negated: .none)
    case (.subtract, _): return .add(other, negated: isOtherFirst ? .previous : .other)
    case (.multiply, .shared): return .multiply(other)
    case (.maximum, .shared): return .maximum(other)
    case (.minimum, .shared): return .minimum(other)
    case (.divide, _), (.multiply, .stored), (.maximum, .stored), (.minimum, .stored): return nil
    }
  }

  /// What the layer does with errors; nil if it carries on those of other values.
  private static func layer(
    _ layer: AnalyzedLayer, _ previous: Int?, _ effect: Effect, _ plan: AnalysisPlan
  ) -> Layer? {
    var other: Int?
    if case .add(.stored(let index), _) = effect { other = index }
    let carried = layer.operands.map(\.index).filter { plan.carried.contains($0) }
    switch layer.propagation {
    case .lipschitz, .matrix, .concatenation, .gradientStep: return .separate
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
