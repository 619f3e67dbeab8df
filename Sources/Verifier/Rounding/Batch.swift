/// What is known of a value at sixteen samples and at every input within a radius of each.
struct BatchValue: Sendable {
  /// Known numbers near the exact elements at the samples.
  let middle: Lanes
  /// Enclose the executed and the exact elements at every input of the balls.
  let low: Lanes
  let high: Lanes
  /// Bounds the distance of the executed and of the exact value, at every input of the ball, from the middle.
  let distance: LaneVector
  /// Whether no element is negative, executed or exact.
  let isNonnegative: Bool
  /// The format of the execution.
  let format: FloatFormat

  var count: Int { middle.count }

  /// An element of one sample over the ball, which execution reads as it is.
  @inline(__always)
  func element(_ place: Int) -> Rounded {
    let (low, high) = (low.base[place], high.base[place])
    return Rounded(
      low: low, high: high, error: Rounded.withUnderflow(0, max(-low, high)),
      lowerLimit: isNonnegative ? 0 : -.infinity, format: format)
  }

  /// An element at the sample.
  @inline(__always)
  func sample(_ place: Int) -> Rounded { Rounded(exactly: middle.base[place], format) }
}

/// What one layer makes of sixteen values, before what is known of the operands' own errors is added.
final class BatchImage: @unchecked Sendable {
  /// The exact result of the operands' middles is within `width` of this, element by element.
  let middle: Lanes
  let width: Lanes
  /// Enclose, over the balls, what exact arithmetic makes of the layer's executed inputs.
  let low: Lanes
  let high: Lanes
  /// Bounds the layer's own rounding error, by elements.
  let error: Lanes
  /// Bounds the norms of what is to be added to `width` and to `error`.
  var jointWidth = LaneVector.zero
  var jointError = LaneVector.zero
  /// Whether no element is negative, executed or exact: of what adds, squares or bounds from below.
  var isNonnegative = true
  /// If so, no element is less than these, executed or exact; empty for zeros.
  var floors: [Double] = []

  func floor(_ element: Int) -> LaneVector {
    LaneVector(repeating: floors.isEmpty ? 0 : floors[element])
  }

  init(count: Int) {
    middle = Lanes(unfilled: count)
    width = Lanes(unfilled: count)
    low = Lanes(unfilled: count)
    high = Lanes(unfilled: count)
    error = Lanes(unfilled: count)
  }

  var count: Int { middle.count }

  /// One element of one sample.
  @inline(__always)
  func set(_ place: Int, sample: Rounded, ball: Rounded) {
    let center = (sample.low + sample.high) / 2
    middle.base[place] = center
    width.base[place] =
      sample.low == sample.high ? 0 : max(sample.high - center, center - sample.low).nextUp
    low.base[place] = ball.low
    high.base[place] = ball.high
    error.base[place] = ball.error
    if !(ball.lowerLimit >= 0) { isNonnegative = false }
  }

  /// The largest elements of a group, in descending order.
  ///
  /// The k-th largest element rises with each element, so its ends are the k-th largest ends; its error is
  /// at most the largest of theirs.
  func set(_ elements: [Int], largestOf group: [Int32], of value: BatchValue) {
    for lane in 0..<Lanes.width {
      let places = group.map { Int($0) * Lanes.width + lane }
      let balls = places.map { value.element($0) }
      let samples = places.map { value.middle.base[$0] }.sorted(by: >)
      let (lows, highs) = (balls.map(\.low).sorted(by: >), balls.map(\.high).sorted(by: >))
      let error = balls.reduce(0) { max($0, $1.error) }
      for (k, element) in elements.enumerated() {
        set(
          element * Lanes.width + lane, sample: Rounded(exactly: samples[k]),
          ball: Rounded(low: lows[k], high: highs[k], error: error, lowerLimit: balls[0].lowerLimit)
        )
      }
    }
  }
}
