import Enclosure
import MatrixProducts
import TensorGraph

/// Bounds on a value at each lane's sample and over the ball around it, for some or all of its elements.
///
/// Between two layers, the exact values are those that exact arithmetic gives for the known middles of the
/// layers before (in `center`) and for their executed and exact outputs (in `rounded`). At a layer's output
/// the middle and the executed values take their place.
struct BallEnclosure: Sendable {
  /// Enclosures of the elements that exact arithmetic gives for the middles of the layers before.
  var center: IntervalTensor
  /// The elements over the ball, with the errors that have been added since the layers before.
  var rounded: RoundedTensor
  /// At a layer's output, bounds on the difference of the executed elements from the exact ones that
  /// its reader carries on; empty elsewhere.
  var carried: [Double] = []

  /// A value that does not depend on the sample.
  init(constant rounded: RoundedTensor) {
    center = rounded.exact
    self.rounded = rounded
  }

  init(center: IntervalTensor, rounded: RoundedTensor, carried: [Double] = []) {
    (self.center, self.rounded, self.carried) = (center, rounded, carried)
  }

  /// Some consecutive elements.
  func slice(_ range: Range<Int>) -> BallEnclosure {
    let lanes = center.lanes
    return BallEnclosure(
      center: center.slice(range), rounded: rounded.slice(range),
      carried: carried.isEmpty
        ? [] : Array(carried[range.lowerBound * lanes..<range.upperBound * lanes]))
  }
}

/// A value that later stages read, filled tile by tile.
final class StoredValue {
  private let type: TensorType
  private let storage: StagePlan.Storage
  /// At most the executed elements.
  let least: Double
  /// Whether the value is a layer's output, whose center is a known number.
  private let isPoint: Bool
  /// The ends of the centers; the upper ends of points are the lower ones.
  let lower: LaneMemory?
  let upper: LaneMemory?
  /// The ends of the ranges over the ball.
  let low: LaneMemory?
  let high: LaneMemory?
  let error: LaneMemory?
  /// The errors that a reader carries on.
  let carried: LaneMemory?
  /// All that is stored.
  var memory: [LaneMemory] { [lower, upper, low, high, error, carried].compactMap(\.self) }
  /// For each lane, at least the ℓ2 distance over the ball, exact or executed, from the middle; for a
  /// value inside a layer nil until it is needed.
  private(set) var distances: [Double]?
  private var summed: SumKernel.Operand?

  /// - Parameter isPoint: whether the value is a layer's output, whose center is a known number.
  init(_ type: TensorType, _ storage: StagePlan.Storage, least: Double, isPoint: Bool) {
    (self.type, self.storage, self.least, self.isPoint) = (type, storage, least, isPoint)
    func memory(_ isUsed: Bool) -> LaneMemory? { isUsed ? LaneMemory(unfilled: type.count) : nil }
    let hasRange = storage.isRead || !isPoint
    lower = memory(storage.isSummed || storage.isRead)
    upper = memory(!isPoint && (storage.isSummed || storage.isRead))
    low = memory(hasRange)
    high = memory(hasRange)
    error = memory(hasRange)
    carried = memory(storage.isCarried)
  }

  /// Stores some elements.
  func fill(_ range: Range<Int>, _ value: BallEnclosure) {
    lower?.store(value.center.lower, from: range.lowerBound)
    upper?.store(value.center.upper, from: range.lowerBound)
    low?.store(value.rounded.exact.lower, from: range.lowerBound)
    high?.store(value.rounded.exact.upper, from: range.lowerBound)
    error?.store(value.rounded.error, from: range.lowerBound)
    carried?.store(value.carried, from: range.lowerBound)
  }

  /// All elements.
  var value: BallEnclosure { BallEnclosure(elements(0..<type.count), type) }

  /// Some consecutive elements, as a vector.
  func elements(_ range: Range<Int>) -> BallEnclosure {
    guard let lower, let low, let high, let error else {
      preconditionFailure("the value is stored for sums alone")
    }
    let (lanes, type) = (LaneProducts.lanes, TensorType([range.count]))
    let middles = lower.array(range)
    return BallEnclosure(
      center: IntervalTensor(
        type, lanes: lanes, lower: middles, upper: upper?.array(range) ?? middles,
        isExact: isPoint),
      rounded: RoundedTensor(
        IntervalTensor(type, lanes: lanes, lower: low.array(range), upper: high.array(range)),
        error: error.array(range), least: least),
      carried: carried?.array(range) ?? [])
  }

  /// Takes what is known when all elements are: no element is farther from its middle than these distances.
  func limit(_ distances: [Double]) {
    self.distances = distances
    guard isPoint, storage.isRead, let lower, let low, let high else { return }
    // An end of which nothing is known comes from the other enclosure.
    Self.limit(low, lower, distances) { low, middle, distance in
      let nearest = below(middle - distance)
      return .select(
        low, isLessThan: nearest, nearest, else: .select(low, equals: low, low, else: nearest))
    }
    Self.limit(high, lower, distances) { high, middle, distance in
      let farthest = above(middle + distance)
      return .select(
        farthest, isLessThan: high, farthest,
        else: .select(high, equals: high, high, else: farthest))
    }
  }

  @inline(__always)
  private static func limit(
    _ ends: LaneMemory, _ middles: LaneMemory, _ distances: [Double],
    _ nearer: (Lanes, Lanes, Lanes) -> Lanes
  ) {
    distances.withUnsafeBufferPointer { distances in
      guard let distances = distances.baseAddress else { return }
      for element in 0..<ends.count {
        for lane in stride(from: 0, to: LaneProducts.lanes, by: Lanes.scalarCount) {
          let i = element * LaneProducts.lanes + lane
          nearer(
            Lanes(at: ends.start + i), Lanes(at: middles.start + i), Lanes(at: distances + lane)
          ).store(to: ends.start + i)
        }
      }
    }
  }

  /// What a sum reads.
  func operand(uniformError: Double) -> (SumKernel.Operand, SumRounding.Surroundings) {
    let isNonnegative = least >= 0
    if isPoint, let lower {
      let operand = summed ?? SumKernel.Operand(lower)
      summed = operand
      return (
        operand,
        SumRounding.Surroundings(
          distances: distances ?? Array(repeating: .infinity, count: LaneProducts.lanes),
          error: uniformError, isNonnegative: isNonnegative)
      )
    }
    let value = value
    let (middle, half) = value.center.middleAndHalf
    return (
      SumKernel.Operand(
        LaneMemory(middle), spread: half.isEmpty ? nil : half, error: value.rounded.error),
      SumRounding.Surroundings(
        distances: distances ?? value.reach, error: nil, isNonnegative: isNonnegative)
    )
  }

  /// The carried errors of one lane; none if nothing is carried.
  func carried(lane: Int) -> [Double]? {
    carried.map { carried in
      (0..<carried.count).map { carried.start[$0 * LaneProducts.lanes + lane] }
    }
  }
}

extension BallEnclosure {
  /// The same elements under another type.
  fileprivate init(_ other: BallEnclosure, _ type: TensorType) {
    let exact = IntervalTensor(type, like: other.rounded.exact)
    self.init(
      center: IntervalTensor(type, like: other.center),
      rounded: RoundedTensor(exact, error: other.rounded.error, least: other.rounded.least),
      carried: other.carried)
  }

  /// √Σ (largest distance of an element from the center)², for each lane.
  fileprivate var reach: [Double] {
    let lanes = center.lanes
    var squares = Array(repeating: 0.0, count: lanes)
    for i in center.lower.indices {
      let distance = maxOrNaN(
        above(rounded.exact.upper[i] - center.lower[i]),
        above(center.upper[i] - rounded.exact.lower[i]))
      squares[i % lanes] += distance * distance
    }
    return squares.map { Self.root(ofSum: $0, terms: center.type.count).value }
  }

  /// An upper bound on the root of a sum of squares that was rounded to nearest; NaN gives ∞.
  static func root(ofSum squares: Double, terms: Int) -> UpperBound {
    let inflation = 1 + Double(terms + 8) * 0x1p-52
    return
      (UpperBound(proven: squares) * UpperBound(proven: inflation)
      + UpperBound(proven: 0x1p-900)).squareRoot()
  }
}
