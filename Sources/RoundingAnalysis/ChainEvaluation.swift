import MatrixProducts
import TensorGraph

/// The evaluation of a ``StageChain`` for one block: its steps, with the memory that they read and fill.
struct ChainEvaluation {
  private let steps: [Step]
  /// What the pointers of the steps point into.
  private let memory: [LaneMemory]

  /// - Parameters:
  ///   - readError: the error of an element that is read from a layer's output.
  ///   - sums: of the layers among the members.
  ///   - stored: the values of earlier stages, and the members that later ones read.
  init(
    _ chain: StageChain, readError: Double, sums: [Int: LayerSums], stored: [Int: StoredValue],
    _ format: ExecutedFormat
  ) {
    var memory: [LaneMemory] = []
    var least = -Double.infinity
    steps = chain.steps.map { step in
      defer { least = step.least }
      var operation: BinaryStep?
      if case .binary(let function, let other, let isOtherFirst) = step.effect {
        operation = BinaryStep(
          function: function, isOtherFirst: isOtherFirst, least: least,
          other: Operand(other, stored, keeping: &memory), format: format)
      }
      let target = stored[step.index].map { Target($0, keeping: &memory) }
      let layer = step.layer.flatMap { rule in
        sums[step.index].map { sums in
          memory += [sums.halves, sums.carried]
          return LayerStep(
            rule: rule, halves: sums.halves.start, errors: sums.carried.start, least: step.least,
            readError: readError,
            isRangeRead: step.index != chain.steps.last?.index || stored[step.index]?.low != nil)
        }
      }
      return Step(operation: operation, layer: layer, target: target)
    }
    self.memory = memory
  }

  /// All steps, for two lanes of one element of the sum.
  @inline(__always)
  func run(_ sum: BallLanes, _ element: Int, _ lane: Int) {
    steps.withUnsafeBufferPointer { steps in
      var ball = sum
      for step in steps { step.apply(to: &ball, element, lane) }
    }
  }

  /// Keeps the memory of the steps while `body` runs them.
  func use(_ body: () -> Void) { withExtendedLifetime(memory, body) }
}

/// A step without references, so that the loop over elements counts none.
private struct Step {
  let operation: BinaryStep?
  let layer: LayerStep?
  let target: Target?

  @inline(__always)
  func apply(to ball: inout BallLanes, _ element: Int, _ lane: Int) {
    var carried = Lanes.zero
    if let operation {
      let other = operation.other.ball(element, lane)
      carried = other.carried
      ball = operation.apply(to: ball, other)
    }
    layer?.apply(to: &ball, carried, lane)
    target?.store(ball, at: element * LaneProducts.lanes + lane)
  }
}

/// An operation on the result of the step before and another operand.
private struct BinaryStep {
  let function: Operation.Binary
  let isOtherFirst: Bool
  /// At most the executed result of the step before.
  let least: Double
  let other: Operand
  let format: ExecutedFormat

  /// - Parameter element: of ``other``.
  @inline(__always)
  func apply(to ball: BallLanes, _ element: BallLanes) -> BallLanes {
    isOtherFirst
      ? result(element, other.least, ball, least, carried: ball.carried)
      : result(ball, least, element, other.least, carried: ball.carried)
  }

  @inline(__always)
  private func result(
    _ a: BallLanes, _ leastA: Double, _ b: BallLanes, _ leastB: Double, carried: Lanes
  ) -> BallLanes {
    switch function {
    case .add: result(.add, a, leastA, b, leastB, carried)
    case .subtract: result(.subtract, a, leastA, b, leastB, carried)
    case .multiply: result(.multiply, a, leastA, b, leastB, carried)
    case .divide: result(.divide, a, leastA, b, leastB, carried)
    case .maximum: result(.maximum, a, leastA, b, leastB, carried)
    case .minimum: result(.minimum, a, leastA, b, leastB, carried)
    }
  }

  /// The result of one function, which is known when this is compiled.
  @inline(__always)
  private func result(
    _ function: Operation.Binary, _ a: BallLanes, _ leastA: Double, _ b: BallLanes,
    _ leastB: Double, _ carried: Lanes
  ) -> BallLanes {
    let range = BinaryRules.enclosure(function, a.range, b.range)
    let error = BinaryRules.error(
      function, RoundedEnds(a.range, error: a.error, least: Lanes(repeating: leastA)),
      RoundedEnds(b.range, error: b.error, least: Lanes(repeating: leastB)),
      size: range.magnitude, format)
    return BallLanes(
      center: BinaryRules.enclosure(function, a.center, b.center), range: range, error: error,
      carried: carried)
  }
}

/// The elements of an operand.
private struct Operand {
  private let lower: UnsafePointer<Double>
  private let upper: UnsafePointer<Double>
  private let low: UnsafePointer<Double>
  private let high: UnsafePointer<Double>
  private let error: UnsafePointer<Double>
  private let carried: UnsafePointer<Double>?
  /// At most the executed elements.
  let least: Double
  /// Whether all lanes share one number.
  private let isShared: Bool

  init(
    _ other: StageChain.Other, _ stored: [Int: StoredValue], keeping memory: inout [LaneMemory]
  ) {
    switch other {
    case .shared(let ends, let error, let least):
      memory += [ends.lower, ends.upper, error]
      (lower, upper) = (UnsafePointer(ends.lower.start), UnsafePointer(ends.upper.start))
      (low, high, self.error, carried) = (lower, upper, UnsafePointer(error.start), nil)
      (self.least, isShared) = (least, true)
    case .stored(let index):
      guard let value = stored[index], let middle = value.lower, let low = value.low,
        let high = value.high, let error = value.error
      else { preconditionFailure("an operand of another stage must be stored") }
      memory += value.memory
      (lower, upper) = (
        UnsafePointer(middle.start), UnsafePointer((value.upper ?? middle).start)
      )
      (self.low, self.high) = (UnsafePointer(low.start), UnsafePointer(high.start))
      (self.error, carried) = (
        UnsafePointer(error.start), (value.carried?.start).map { UnsafePointer($0) }
      )
      (least, isShared) = (value.least, false)
    }
  }

  /// An element in two lanes.
  @inline(__always)
  func ball(_ element: Int, _ lane: Int) -> BallLanes {
    func lanes(_ numbers: UnsafePointer<Double>) -> Lanes {
      isShared
        ? Lanes(repeating: numbers[element])
        : Lanes(at: numbers + (element * LaneProducts.lanes + lane))
    }
    return BallLanes(
      center: Ends(lanes(lower), lanes(upper)), range: Ends(lanes(low), lanes(high)),
      error: lanes(error), carried: carried.map(lanes) ?? .zero)
  }
}

/// What a layer's output makes of the exact result and its errors.
private struct LayerStep {
  let rule: StageChain.Layer
  /// For each lane, where the squares of half-widths and of errors are added.
  let halves: UnsafeMutablePointer<Double>
  let errors: UnsafeMutablePointer<Double>
  /// At most the executed elements.
  let least: Double
  let readError: Double
  let isRangeRead: Bool

  /// - Parameter other: the carried error of the step's other operand.
  @inline(__always)
  func apply(to ball: inout BallLanes, _ other: Lanes, _ lane: Int) {
    let carried: Lanes
    switch rule {
    case .separate: carried = ball.error
    case .elementwise(let constant):
      carried =
        AnalyzedLayer.carry(ball.carried, constant: constant, through: ball.range) + ball.error
    case .sum(let isPrevious, let isOther):
      carried =
        ball.error + (isPrevious ? ball.carried : Lanes.zero) + (isOther ? other : Lanes.zero)
    }
    let center = ball.center.middleAndHalf
    Self.addSquare(center.half, to: halves + lane)
    Self.addSquare(carried, to: errors + lane)
    if isRangeRead {
      let least = Lanes(repeating: least)
      ball.range = RoundedEnds(ball.range, error: ball.error, least: least).executed
    }
    ball.center = Ends(center.middle, center.middle)
    (ball.error, ball.carried) = (Lanes(repeating: readError), carried)
  }

  @inline(__always)
  private static func addSquare(_ x: Lanes, to sum: UnsafeMutablePointer<Double>) {
    (Lanes(at: sum) + x * x).store(to: sum)
  }
}

/// Where a step stores its result.
private struct Target {
  private let lower: UnsafeMutablePointer<Double>?
  private let upper: UnsafeMutablePointer<Double>?
  private let low: UnsafeMutablePointer<Double>?
  private let high: UnsafeMutablePointer<Double>?
  private let error: UnsafeMutablePointer<Double>?
  private let carried: UnsafeMutablePointer<Double>?

  init(_ value: StoredValue, keeping memory: inout [LaneMemory]) {
    memory += value.memory
    (lower, upper) = (value.lower?.start, value.upper?.start)
    (low, high) = (value.low?.start, value.high?.start)
    (error, carried) = (value.error?.start, value.carried?.start)
  }

  @inline(__always)
  func store(_ ball: BallLanes, at i: Int) {
    if let lower { ball.center.lower.store(to: lower + i) }
    if let upper { ball.center.upper.store(to: upper + i) }
    if let low { ball.range.lower.store(to: low + i) }
    if let high { ball.range.upper.store(to: high + i) }
    if let error { ball.error.store(to: error + i) }
    if let carried { ball.carried.store(to: carried + i) }
  }
}
