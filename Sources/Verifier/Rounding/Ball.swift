import Enclosure

/// What is known of a value at one sample and at every input within a radius of it, for layers that mix
/// elements in ways of their own.
struct Ball {
  let middle: [Double]
  /// Encloses the executed and the exact elements at every input of the ball.
  let low: [Double]
  let high: [Double]
  let distance: UpperBound
  let format: FloatFormat
  private let isNonnegative: Bool

  /// The sample itself and the ball around it.
  init(sample: ArraySlice<Float>, radius: UpperBound, format: FloatFormat = .float32) {
    middle = sample.map(Double.init)
    low = middle.map { ($0 - radius.value).nextDown }
    high = middle.map { ($0 + radius.value).nextUp }
    (distance, isNonnegative, self.format) = (radius, false, format)
  }

  /// One of sixteen values.
  init(_ value: BatchValue, lane: Int) {
    (middle, low, high) = (
      value.middle.vector(lane), value.low.vector(lane), value.high.vector(lane)
    )
    (distance, isNonnegative) = (UpperBound(proven: value.distance[lane]), value.isNonnegative)
    format = value.format
  }

  /// An element at the sample, and the same element over the ball, which execution reads as it is.
  func element(_ index: Int) -> (sample: Rounded, ball: Rounded) {
    var ball = Rounded(low: low[index], high: high[index], error: 0, format: format)
    ball.error = Rounded.withUnderflow(0, ball.magnitude)
    if isNonnegative { ball.lowerLimit = 0 }
    return (Rounded(exactly: middle[index], format), ball)
  }
}
