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
    _ chain: StageChain, readError: Double, sums: [Int: LayerSums], stored: [Int: StoredValue]
  ) {
    var memory: [LaneMemory] = []
    steps = chain.steps.map { step in
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
      return Step(
        operation: OperationStep(step.effect, stored, step.format, keeping: &memory), layer: layer,
        target: target)
    }
    self.memory = memory
  }

  /// All steps, for two lanes of one element of the sum.
  @inline(__always)
  func run(_ sum: LaneBall, _ element: Int, _ lane: Int) {
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
  let operation: OperationStep?
  let layer: LayerStep?
  let target: Target?

  @inline(__always)
  func apply(to ball: inout LaneBall, _ element: Int, _ lane: Int) {
    var carried = Lanes.zero
    if let operation {
      let other = operation.other.ball(element, lane)
      carried = other.carried
      operation.apply(to: &ball, other)
    }
    layer?.apply(to: &ball, carried, lane)
    target?.store(ball, at: element * LaneProducts.lanes + lane)
  }
}

/// An operation on the result of the step before and another operand.
private struct OperationStep {
  private enum Kind { case add, subtract, subtractFrom, multiply, maximum, minimum }

  let other: Operand
  private let kind: Kind
  private let format: ExecutedFormat

  /// Nil if the step has no operation.
  init?(
    _ effect: StageChain.Effect, _ stored: [Int: StoredValue], _ format: ExecutedFormat,
    keeping memory: inout [LaneMemory]
  ) {
    let operand: StageChain.Other
    switch effect {
    case .same: return nil
    case .add(let other, .none): (kind, operand) = (.add, other)
    case .add(let other, .other): (kind, operand) = (.subtract, other)
    case .add(let other, .previous): (kind, operand) = (.subtractFrom, other)
    case .multiply(let other): (kind, operand) = (.multiply, other)
    case .maximum(let other): (kind, operand) = (.maximum, other)
    case .minimum(let other): (kind, operand) = (.minimum, other)
    }
    other = Operand(operand, stored, keeping: &memory)
    self.format = format
  }

  @inline(__always)
  func apply(to ball: inout LaneBall, _ element: LaneBall) {
    switch kind {
    case .add: ball = ball.plus(element, format)
    case .subtract: ball = ball.plus(element.negated, format)
    case .subtractFrom: ball = ball.negated.plus(element, format)
    case .multiply: ball = ball.times(element, format)
    case .maximum: ball = ball.maximum(element, format)
    case .minimum: ball = ball.minimum(element, format)
    }
  }
}

/// The elements of an operand.
private struct Operand {
  private let middle: UnsafePointer<Double>
  /// Nil for a layer's output, which is known.
  private let half: UnsafePointer<Double>?
  private let low: UnsafePointer<Double>
  private let high: UnsafePointer<Double>
  private let error: UnsafePointer<Double>
  private let carried: UnsafePointer<Double>?
  /// Whether all lanes share one number.
  private let isShared: Bool

  init(
    _ other: StageChain.Other, _ stored: [Int: StoredValue], keeping memory: inout [LaneMemory]
  ) {
    func start(_ memory: LaneMemory) -> UnsafePointer<Double> { UnsafePointer(memory.start) }
    switch other {
    case .shared(let value):
      memory += [value.middle, value.half, value.lower, value.upper, value.error]
      (middle, half) = (start(value.middle), start(value.half))
      (low, high) = (start(value.lower), start(value.upper))
      (error, carried, isShared) = (start(value.error), nil, true)
    case .stored(let index):
      guard let value = stored[index], let middle = value.lower, let low = value.low,
        let high = value.high, let error = value.error
      else { preconditionFailure("an operand of another stage must be stored") }
      memory += value.memory
      (self.middle, half) = (start(middle), nil)
      (self.low, self.high) = (start(low), start(high))
      (self.error, carried, isShared) = (start(error), value.carried.map(start), false)
    }
  }

  /// An element in two lanes.
  @inline(__always)
  func ball(_ element: Int, _ lane: Int) -> LaneBall {
    func lanes(_ numbers: UnsafePointer<Double>) -> Lanes {
      isShared
        ? Lanes(repeating: numbers[element])
        : Lanes(at: numbers + (element * LaneProducts.lanes + lane))
    }
    return LaneBall(
      middle: lanes(middle), half: half.map(lanes) ?? .zero, range: Ends(lanes(low), lanes(high)),
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
  func apply(to ball: inout LaneBall, _ other: Lanes, _ lane: Int) {
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
    Self.addSquare(ball.half, to: halves + lane)
    Self.addSquare(carried, to: errors + lane)
    if isRangeRead { ball.range = ball.executed(least) }
    (ball.half, ball.error, ball.carried) = (.zero, Lanes(repeating: readError), carried)
  }

  @inline(__always)
  private static func addSquare(_ x: Lanes, to sum: UnsafeMutablePointer<Double>) {
    (Lanes(at: sum) + x * x).store(to: sum)
  }
}

/// Where a step stores its result.
private struct Target {
  /// The middle of a layer's output; for other values the ends of the center.
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
  func store(_ ball: LaneBall, at i: Int) {
    if let upper {
      if let lower { below(ball.middle - ball.half).store(to: lower + i) }
      above(ball.middle + ball.half).store(to: upper + i)
    } else if let lower {
      ball.middle.store(to: lower + i)
    }
    if let low { ball.range.lower.store(to: low + i) }
    if let high { ball.range.upper.store(to: high + i) }
    if let error { ball.error.store(to: error + i) }
    if let carried { ball.carried.store(to: carried + i) }
  }
}
