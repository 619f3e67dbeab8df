import Enclosure

/// What is known of a value at each lane's sample and over the ball around it.
///
/// Values between two layers are those that exact arithmetic gives from the executed outputs of the
/// layers before; at a layer's output the executed values themselves take their place.
struct BallTensor: Sendable {
  /// Enclosures of the exact elements at the sample itself.
  let center: LaneTensor
  /// The elements over the ball, and the errors of the executed ones since the layers before.
  let rounded: RoundedTensor
  /// For each lane the largest ℓ2 distance from the exact value at the sample.
  let travel: [UpperBound]
  /// At a layer's output, how far the executed value may be from the exact one at the same input; nil
  /// elsewhere.
  let drift: Drift?

  /// A value that does not depend on the sample.
  init(constant rounded: RoundedTensor) {
    center = rounded.exact
    self.rounded = rounded
    travel = [.zero]
    drift = nil
  }

  /// The input itself: a ball of the given radius around each sample.
  init(_ samples: LaneTensor, radii: [UpperBound]) {
    self.init(
      center: samples, executed: .around(samples) { radii[$1].value }, travel: radii,
      drift: .none(samples))
  }

  /// A layer's output, which later layers take as it is.
  init(
    center: LaneTensor, executed: LaneTensor, least: Double = -.infinity, travel: [UpperBound],
    drift: Drift
  ) {
    let errors = executed.lower.indices.map {
      Binary32.finished(
        0, magnitude: Elementary.peak(abs(executed.lower[$0]), abs(executed.upper[$0])))
    }
    self.init(
      center: center, rounded: RoundedTensor(executed, error: errors, least: least),
      travel: travel, drift: drift)
  }

  /// A value over the ball.
  ///
  /// - Parameter travel: bounds already known; the elements' own ranges may give smaller ones.
  init(
    center: LaneTensor, rounded: RoundedTensor, travel: [UpperBound], drift: Drift? = nil
  ) {
    self.center = center
    self.rounded = rounded
    let steps = BallTensor.steps(center, rounded.exact)
    self.travel = zip(travel, steps).map(min)
    self.drift = drift
  }

  /// √Σ (the farthest an element gets from the center)², for each lane.
  private static func steps(_ center: LaneTensor, _ range: LaneTensor) -> [UpperBound] {
    var squares = Array(repeating: 0.0, count: range.lanes)
    for index in 0..<range.type.count {
      for lane in 0..<range.lanes {
        let (i, j) = (range.position(index, lane), center.position(index, lane))
        let step = Elementary.peak(
          range.upper[i] - center.lower[j], center.upper[j] - range.lower[i]
        ).nextUp
        squares[lane] += step * step
      }
    }
    return squares.map { Self.root(ofSum: $0, terms: range.type.count) }
  }

  /// The ℓ2 norm of each lane's elements.
  static func norms(_ elements: [Double], lanes: Int) -> [UpperBound] {
    var squares = Array(repeating: 0.0, count: lanes)
    for (position, element) in elements.enumerated() {
      squares[position % lanes] += element * element
    }
    return squares.map { Self.root(ofSum: $0, terms: elements.count / lanes) }
  }

  /// The root of a computed sum of squares, above the exact one; NaN gives ∞.
  private static func root(ofSum squares: Double, terms: Int) -> UpperBound {
    let inflation = 1 + Double(terms + 8) * 0x1p-52
    return (UpperBound(proven: squares) * UpperBound(proven: inflation)).squareRoot()
  }
}

extension LaneTensor {
  /// The elements that lie within `reach` of a center's; reach has a number for each element and lane.
  static func around(
    _ center: LaneTensor, _ reach: (_ index: Int, _ lane: Int) -> Double
  ) -> LaneTensor {
    var result = center
    for index in 0..<center.type.count {
      for lane in 0..<center.lanes {
        let position = center.position(index, lane)
        let step = reach(index, lane)
        result.lower[position] = (center.lower[position] - step).nextDown
        result.upper[position] = (center.upper[position] + step).nextUp
      }
    }
    return result
  }

  /// What both enclosures of one value leave; where one knows nothing, the other.
  func intersection(_ other: LaneTensor) -> LaneTensor {
    var result = self
    for i in lower.indices {
      if !(lower[i] >= other.lower[i]) { result.lower[i] = other.lower[i] }
      if !(upper[i] <= other.upper[i]) { result.upper[i] = other.upper[i] }
    }
    return result
  }
}
