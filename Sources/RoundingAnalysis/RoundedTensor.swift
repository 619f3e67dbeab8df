/// Bounds on the exact and the executed elements of a tensor over a set of inputs.
///
/// For every input of the set and every element, the exact value lies in `exact` and the executed value is
/// within `error` of the exact one. Each lane has a set of its own.
struct RoundedTensor: Sendable {
  /// Enclosures of the exact elements over the set.
  let exact: IntervalTensor
  /// Bounds of |executed − exact| in the order of the elements; ∞ if nothing is known.
  var error: [Double]
  /// A lower bound on all executed elements that holds for any error, such as 0 for a sum of squares.
  let least: Double

  init(_ exact: IntervalTensor, error: [Double], least: Double = -.infinity) {
    precondition(error.count == exact.lower.count, "every element must have an error")
    self.exact = exact
    self.error = error
    self.least = least
  }

  /// Numbers that are stored in a format.
  init(stored exact: IntervalTensor, _ format: ExecutedFormat) {
    let error = exact.lower.map(format.storageError)
    // Rounding is monotone, so what is not negative stays so.
    let least = zip(exact.lower, error).map { exact, error in
      error == 0 ? exact : exact >= 0 ? max(0, below(exact - error)) : below(exact - error)
    }
    self.init(
      exact, error: error,
      least: exact.lower.contains { $0.isNaN } ? -.infinity : least.min() ?? -.infinity)
  }

  /// Some consecutive elements as a vector.
  func slice(_ range: Range<Int>) -> RoundedTensor {
    let places = range.lowerBound * exact.lanes..<range.upperBound * exact.lanes
    return RoundedTensor(exact.slice(range), error: Array(error[places]), least: least)
  }

  /// Enclosures of the executed elements.
  var executed: IntervalTensor {
    IntervalTensor(
      exact.type, lanes: exact.lanes,
      lower: LaneLoop.map(exact.lower, error) { maxOrNaN(below($0 - $1), least) },
      upper: LaneLoop.map(exact.upper, error) { above($0 + $1) })
  }

  /// The elements over the inputs at which another value is within the sum of both errors of this one.
  func clipped(to other: RoundedTensor) -> RoundedTensor {
    let lanes = max(exact.lanes, other.exact.lanes)
    var range = IntervalTensor(exact.type, lanes: lanes)
    var error = Array(repeating: 0.0, count: range.lower.count)
    for index in 0..<exact.type.count {
      for lane in 0..<lanes {
        let (i, j) = (exact.position(index, lane), other.exact.position(index, lane))
        let out = range.position(index, lane)
        let width = (self.error[i] + other.error[j]).nextUp
        let low = maxOrNaN(exact.lower[i], (other.exact.lower[j] - width).nextDown)
        let high = minOrNaN(exact.upper[i], (other.exact.upper[j] + width).nextUp)
        // If the two never come that close, any interval is correct.
        (range.lower[out], range.upper[out]) = (low, maxOrNaN(low, high))
        error[out] = self.error[i]
      }
    }
    return RoundedTensor(range, error: error, least: least)
  }
}

/// What is known of the elements of an operand, in two lanes.
struct RoundedReader {
  private let exact: EndsReader
  private let error: LaneReader
  private let least: Double

  init(_ tensor: RoundedTensor) {
    exact = EndsReader(tensor.exact)
    error = LaneReader(tensor.error, lanes: tensor.exact.lanes)
    least = tensor.least
  }

  @inline(__always)
  subscript(element: Int, lane: Int) -> RoundedEnds {
    RoundedEnds(exact[element, lane], error: error[element, lane], least: Lanes(repeating: least))
  }
}
