/// The exact elements of a tensor over a set of inputs, and how far the executed ones may be from them.
///
/// For every input of the set and every element, the exact value lies in `exact` and the executed value
/// within `error` of the exact one. The set differs between lanes.
struct RoundedTensor: Sendable {
  /// Enclosures of the exact elements over the set.
  let exact: LaneTensor
  /// Bounds of |executed − exact|, placed like the elements; ∞ where nothing is known.
  var error: [Double]
  /// No executed element is less, whatever its error: 0 for a sum of squares.
  let least: Double

  /// A tensor of enclosures and errors.
  init(_ exact: LaneTensor, error: [Double], least: Double = -.infinity) {
    precondition(error.count == exact.lower.count, "an error for every element")
    self.exact = exact
    self.error = error
    self.least = least
  }

  /// Numbers that an engine keeps in float32.
  init(stored exact: LaneTensor) {
    let stored = exact.lower.lazy.map { Double(Float($0)) }
    // Read as 0 where they are subnormal.
    let least = stored.map { abs($0) < Binary32.smallestNormal ? min($0, 0) : $0 }.min()
    self.init(
      exact, error: exact.lower.map(Binary32.storageError),
      least: stored.contains { $0.isNaN } ? -.infinity : least ?? -.infinity)
  }

  /// The largest magnitude of an exact element; NaN where nothing is known.
  func magnitude(_ position: Int) -> Double {
    Elementary.peak(abs(exact.lower[position]), abs(exact.upper[position]))
  }

  /// Enclosures of the executed elements.
  var executed: LaneTensor {
    var range = exact
    for i in error.indices {
      range.lower[i] = lowest(i)
      range.upper[i] = (exact.upper[i] + error[i]).nextUp
    }
    return range
  }

  /// The lower end of an executed element; NaN where nothing is known.
  func lowest(_ position: Int) -> Double {
    Elementary.peak((exact.lower[position] - error[position]).nextDown, least)
  }

  /// The part of the set on which another value of equal type is within `width` of this one.
  func clipped(to other: RoundedTensor) -> RoundedTensor {
    let lanes = max(exact.lanes, other.exact.lanes)
    var range = LaneTensor(exact.type, lanes: lanes)
    var error = Array(repeating: 0.0, count: range.lower.count)
    for index in 0..<exact.type.count {
      for lane in 0..<lanes {
        let (i, j) = (exact.position(index, lane), other.exact.position(index, lane))
        let out = range.position(index, lane)
        let width = (self.error[i] + other.error[j]).nextUp
        let low = Elementary.peak(exact.lower[i], (other.exact.lower[j] - width).nextDown)
        let high = Elementary.trough(exact.upper[i], (other.exact.upper[j] + width).nextUp)
        // Where the two never meet anything may stand.
        (range.lower[out], range.upper[out]) = (low, Elementary.peak(low, high))
        error[out] = self.error[i]
      }
    }
    return RoundedTensor(range, error: error, least: least)
  }
}
