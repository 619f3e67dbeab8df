import Enclosure

/// What is known of a value at one sample and at every input within a radius of it.
struct Ball {
  /// Encloses the exact elements at the sample.
  let sampleLow: [Double]
  let sampleHigh: [Double]
  /// Encloses the executed and the exact elements at every input of the ball.
  private(set) var ballLow: [Double]
  private(set) var ballHigh: [Double]
  /// Bounds the difference of the executed from the exact value at the same input.
  let error: ForwardError
  /// Bounds the distance of the executed value from the exact one at the sample.
  private(set) var distance: UpperBound

  /// The sample itself and the ball around it.
  init(sample: ArraySlice<Float>, radius: UpperBound) {
    let center = sample.map(Double.init)
    (sampleLow, sampleHigh) = (center, center)
    ballLow = center.map { ($0 - radius.value).nextDown }
    ballHigh = center.map { ($0 + radius.value).nextUp }
    distance = radius
    error = ForwardError(componentwise: center.map { _ in 0 }, normwise: .zero)
  }

  /// A layer's output as later layers take it.
  ///
  /// - Parameters:
  ///   - error: the error at the output.
  ///   - distance: bounds the distance of the exact output over the ball from that at the sample.
  init(_ image: LayerImage, error: ForwardError, distance exact: UpperBound) {
    (sampleLow, sampleHigh) = (image.sampleLow, image.sampleHigh)
    self.error = error
    distance = exact + error.norm
    let reach = distance.value
    (ballLow, ballHigh) = (image.ballLow, image.ballHigh)
    for i in ballLow.indices {
      ballLow[i] = max((ballLow[i] - image.errors[i]).nextDown, (sampleLow[i] - reach).nextDown)
      ballHigh[i] = min((ballHigh[i] + image.errors[i]).nextUp, (sampleHigh[i] + reach).nextUp)
    }
    // Elements that do not change, such as those of a rectifier below 0, may give a smaller bound.
    let steps = ballLow.indices.map {
      max(ballHigh[$0] - sampleLow[$0], sampleHigh[$0] - ballLow[$0]).nextUp
    }
    distance = min(distance, AccumulatedError.euclideanNorm(steps).upper)
  }

  /// An element at the sample, and the same element over the ball, which execution reads as it is.
  func element(_ index: Int) -> (sample: Rounded, ball: Rounded) {
    let ball = Rounded(low: ballLow[index], high: ballHigh[index], error: 0)
    return (
      Rounded(low: sampleLow[index], high: sampleHigh[index], error: 0),
      Rounded(low: ball.low, high: ball.high, error: Rounded.withUnderflow(0, ball.magnitude))
    )
  }

  /// Some elements from the largest to the least.
  ///
  /// The k-th largest element rises with each element, so its ends are the k-th largest ends; its error is
  /// at most the largest of theirs.
  func sorted(_ group: [Int32]) -> [(sample: Rounded, ball: Rounded)] {
    let elements = group.map { element(Int($0)) }
    func ordered(_ values: [Rounded]) -> [Rounded] {
      let (lows, highs) = (values.map(\.low).sorted(by: >), values.map(\.high).sorted(by: >))
      let error = values.reduce(0) { max($0, $1.error) }
      return zip(lows, highs).map { Rounded(low: $0, high: $1, error: error) }
    }
    let (samples, balls) = (ordered(elements.map(\.sample)), ordered(elements.map(\.ball)))
    return Array(zip(samples, balls)).map { (sample: $0, ball: $1) }
  }

  /// Whether every number is finite.
  var isFinite: Bool {
    error.norm.isFinite && distance.isFinite
      && sampleLow.allSatisfy(\.isFinite) && sampleHigh.allSatisfy(\.isFinite)
      && ballLow.allSatisfy(\.isFinite) && ballHigh.allSatisfy(\.isFinite)
  }
}

/// What one layer makes of a ball, before errors of the layers before it are added.
struct LayerImage {
  /// Encloses the exact elements at the sample.
  private(set) var sampleLow: [Double]
  private(set) var sampleHigh: [Double]
  /// Encloses, over the ball, what exact arithmetic makes of the layer's executed inputs.
  private(set) var ballLow: [Double]
  private(set) var ballHigh: [Double]
  /// Bounds the layer's own rounding error, by elements.
  private(set) var errors: [Double]

  init(count: Int) {
    let zeros = Array(repeating: 0.0, count: count)
    (sampleLow, sampleHigh, ballLow, ballHigh, errors) = (zeros, zeros, zeros, zeros, zeros)
  }

  mutating func set(_ index: Int, sample: Rounded, ball: Rounded) {
    (sampleLow[index], sampleHigh[index]) = (sample.low, sample.high)
    (ballLow[index], ballHigh[index], errors[index]) = (ball.low, ball.high, ball.error)
  }

  /// A function of one element.
  mutating func set(
    _ index: Int, _ element: (sample: Rounded, ball: Rounded), _ function: (Rounded) -> Rounded
  ) {
    set(index, sample: function(element.sample), ball: function(element.ball))
  }
}
