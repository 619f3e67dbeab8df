import Enclosure

/// What is known of a value at one sample and at every input within a radius of it.
struct Ball {
  /// Encloses the exact elements at the sample.
  var low: [Double]
  /// The other end.
  var high: [Double]
  /// Encloses the executed and the exact elements at every input of the ball.
  var least: [Double]
  /// The other end.
  var most: [Double]
  /// How far the executed value may be from the exact one at the same input.
  var drift: Drift
  /// Bounds the distance of the executed value from the exact one at the sample.
  var travel: UpperBound
}

/// What one layer makes of it, before errors of the layers before are added.
struct LayerImage {
  /// Encloses the exact elements at the sample.
  var low: [Double]
  /// The other end.
  var high: [Double]
  /// Encloses, over the ball, what exact arithmetic makes of the layer's executed inputs.
  var least: [Double]
  /// The other end.
  var most: [Double]
  /// Bounds how far execution is from that, by elements.
  var errors: [Double]

  /// Room for a number of elements.
  init(count: Int) {
    let zeros = Array(repeating: 0.0, count: count)
    (low, high, least, most, errors) = (zeros, zeros, zeros, zeros, zeros)
  }

  /// The image of an elementwise function.
  mutating func set(_ index: Int, sample: Rounded, ball: Rounded) {
    (low[index], high[index]) = (sample.low, sample.high)
    (least[index], most[index], errors[index]) = (ball.low, ball.high, ball.error)
  }
}

extension Ball {
  /// The sample itself and the ball around it.
  init(sample: ArraySlice<Float>, radius: UpperBound) {
    let center = sample.map(Double.init)
    (low, high) = (center, center)
    least = center.map { ($0 - radius.value).nextDown }
    most = center.map { ($0 + radius.value).nextUp }
    travel = radius
    drift = Drift(local: center.map { _ in 0 }, rest: .zero)
  }

  /// A layer's output as later layers take it.
  ///
  /// - Parameters:
  ///   - drift: the difference at the output.
  ///   - distance: how far the exact output of the ball is from that of the sample.
  init(_ image: LayerImage, drift: Drift, distance: UpperBound) {
    (low, high) = (image.low, image.high)
    self.drift = drift
    travel = distance + drift.norm
    let reach = travel.value
    (least, most) = (image.least, image.most)
    for i in least.indices {
      least[i] = max((least[i] - image.errors[i]).nextDown, (low[i] - reach).nextDown)
      most[i] = min((most[i] + image.errors[i]).nextUp, (high[i] + reach).nextUp)
    }
    // Elements that do not move, such as those of a rectifier below 0, may say more.
    let steps = least.indices.map { max(most[$0] - low[$0], high[$0] - least[$0]).nextUp }
    travel = min(travel, AccumulatedError.euclideanNorm(steps).upper)
  }

  /// An element of the sample, and the same element over the ball, which execution has in hand.
  func element(_ index: Int) -> (sample: Rounded, ball: Rounded) {
    let ball = Rounded(low: least[index], high: most[index], error: 0)
    return (
      Rounded(low: low[index], high: high[index], error: 0),
      Rounded(low: ball.low, high: ball.high, error: Rounded.finished(0, ball.magnitude))
    )
  }

  /// Whether every number is finite.
  var isFinite: Bool {
    drift.norm.isFinite && travel.isFinite
      && low.allSatisfy(\.isFinite) && high.allSatisfy(\.isFinite)
      && least.allSatisfy(\.isFinite) && most.allSatisfy(\.isFinite)
  }
}
