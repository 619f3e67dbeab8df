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
  private let least: Double
  private let isPoint: Bool
  private var lower: [Double]
  private var upper: [Double]
  private var low: [Double]
  private var high: [Double]
  private var error: [Double]
  private var carried: [Double]
  /// For each lane, at least the ℓ2 distance over the ball, exact or executed, from the middle; for a
  /// value inside a layer nil until it is needed.
  private(set) var distances: [Double]?
  private var summed: SumKernel.Operand?

  /// - Parameter isPoint: whether the value is a layer's output, whose center is a known number.
  init(_ type: TensorType, _ storage: StagePlan.Storage, least: Double, isPoint: Bool) {
    (self.type, self.storage, self.least, self.isPoint) = (type, storage, least, isPoint)
    let count = type.count * LaneProducts.lanes
    func memory(_ isUsed: Bool) -> [Double] {
      [Double](unsafeUninitializedCapacity: isUsed ? count : 0) { memory, initialized in
        memory.initialize(repeating: 0)
        initialized = memory.count
      }
    }
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
    let start = range.lowerBound * LaneProducts.lanes
    func copy(_ from: [Double], _ to: inout [Double]) {
      guard !to.isEmpty, !from.isEmpty else { return }
      to.withUnsafeMutableBufferPointer { to in
        from.withUnsafeBufferPointer { from in
          (to.baseAddress! + start).update(from: from.baseAddress!, count: from.count)
        }
      }
    }
    copy(value.center.lower, &lower)
    copy(value.center.upper, &upper)
    copy(value.rounded.exact.lower, &low)
    copy(value.rounded.exact.upper, &high)
    copy(value.rounded.error, &error)
    copy(value.carried, &carried)
  }

  /// All elements.
  var value: BallEnclosure {
    let lanes = LaneProducts.lanes
    return BallEnclosure(
      center: IntervalTensor(
        type, lanes: lanes, lower: lower, upper: isPoint ? lower : upper, isExact: isPoint),
      rounded: RoundedTensor(
        IntervalTensor(type, lanes: lanes, lower: low, upper: high), error: error, least: least),
      carried: carried)
  }

  /// Takes what is known when all elements are: no element is farther from its middle than these distances.
  func limit(_ distances: [Double]) {
    self.distances = distances
    guard isPoint, storage.isRead else { return }
    // An end of which nothing is known comes from the other enclosure.
    Self.limit(&low, lower, distances) { low, middle, distance in
      let nearest = below(middle - distance)
      return low >= nearest ? low : nearest
    }
    Self.limit(&high, lower, distances) { high, middle, distance in
      let farthest = above(middle + distance)
      return high <= farthest ? high : farthest
    }
  }

  @inline(__always)
  private static func limit(
    _ ends: inout [Double], _ middles: [Double], _ distances: [Double],
    _ nearer: (Double, Double, Double) -> Double
  ) {
    let lanes = distances.count
    ends.withUnsafeMutableBufferPointer { ends in
      middles.withUnsafeBufferPointer { middles in
        for first in stride(from: 0, to: ends.count, by: lanes) {
          for l in 0..<lanes {
            ends[first + l] = nearer(ends[first + l], middles[first + l], distances[l])
          }
        }
      }
    }
  }

  /// What a sum reads.
  func operand(uniformError: Double) -> (SumKernel.Operand, SumRounding.Surroundings) {
    let lanes = LaneProducts.lanes
    let isNonnegative = least >= 0
    if isPoint {
      let operand = summed ?? SumKernel.Operand(lower)
      summed = operand
      return (
        operand,
        SumRounding.Surroundings(
          distances: distances ?? Array(repeating: .infinity, count: lanes),
          error: uniformError, isNonnegative: isNonnegative)
      )
    }
    let value = value
    let (middle, half) = value.center.middleAndHalf
    return (
      SumKernel.Operand(middle, spread: half.isEmpty ? nil : half, error: error),
      SumRounding.Surroundings(
        distances: distances ?? value.reach, error: nil, isNonnegative: isNonnegative)
    )
  }

  /// The carried errors of some elements.
  func carried(_ range: Range<Int>) -> [Double] {
    Array(carried[range.lowerBound * LaneProducts.lanes..<range.upperBound * LaneProducts.lanes])
  }

  /// The carried errors of one lane.
  func carried(lane: Int) -> [Double] {
    stride(from: lane, to: carried.count, by: LaneProducts.lanes).map { carried[$0] }
  }
}

extension BallEnclosure {
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
