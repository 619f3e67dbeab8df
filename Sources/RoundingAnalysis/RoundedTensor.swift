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

  /// Numbers that an engine stores in float32.
  init(stored exact: IntervalTensor) {
    let stored = exact.lower.lazy.map { Double(Float($0)) }
    // Subnormal numbers may be read as 0.
    let least = stored.map { abs($0) < Binary32.smallestNormal ? min($0, 0) : $0 }.min()
    self.init(
      exact, error: exact.lower.map(Binary32.storageError),
      least: stored.contains { $0.isNaN } ? -.infinity : least ?? -.infinity)
  }

  /// The largest magnitude of an exact element; NaN if nothing is known.
  func magnitude(_ position: Int) -> Double {
    maxOrNaN(abs(exact.lower[position]), abs(exact.upper[position]))
  }

  /// Enclosures of the executed elements.
  var executed: IntervalTensor {
    var range = exact
    for i in error.indices {
      range.lower[i] = lowest(i)
      range.upper[i] = (exact.upper[i] + error[i]).nextUp
    }
    return range
  }

  /// The lower end of an executed element; NaN if nothing is known.
  func lowest(_ position: Int) -> Double {
    maxOrNaN((exact.lower[position] - error[position]).nextDown, least)
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
