import Enclosure

/// Bounds on a value at each lane's sample and over the ball around it.
///
/// Between two layers, the exact values are those that exact arithmetic gives for the executed outputs of
/// the layers before. At a layer's output the executed values take their place.
struct BallEnclosure: Sendable {
  /// Enclosures of the exact elements at the sample itself.
  let center: IntervalTensor
  /// The elements over the ball, with the errors that have been added since the layers before.
  let rounded: RoundedTensor
  /// For each lane, the largest ℓ2 distance from the exact value at the sample.
  let distances: [UpperBound]
  /// At a layer's output, the distance of the executed value from the exact one at the same input; nil
  /// elsewhere.
  let error: ErrorBound?

  /// A value that does not depend on the sample.
  init(constant rounded: RoundedTensor) {
    center = rounded.exact
    self.rounded = rounded
    distances = [.zero]
    error = nil
  }

  /// The input: a ball of the given radius around each sample.
  init(_ samples: IntervalTensor, radii: [UpperBound]) {
    self.init(
      center: samples, executed: .around(samples) { radii[$1].value }, distances: radii,
      error: .none(samples))
  }

  /// A layer's output, from which the analysis of later layers starts.
  init(
    center: IntervalTensor, executed: IntervalTensor, least: Double = -.infinity,
    distances: [UpperBound], error: ErrorBound
  ) {
    let errors = executed.lower.indices.map {
      Binary32.finished(
        0, magnitude: maxOrNaN(abs(executed.lower[$0]), abs(executed.upper[$0])))
    }
    self.init(
      center: center, rounded: RoundedTensor(executed, error: errors, least: least),
      distances: distances, error: error)
  }

  /// A value over the ball.
  ///
  /// - Parameter distances: known bounds; the ranges of the elements may give smaller ones.
  init(
    center: IntervalTensor, rounded: RoundedTensor, distances: [UpperBound],
    error: ErrorBound? = nil
  ) {
    self.center = center
    self.rounded = rounded
    let fromRanges = BallEnclosure.distances(center, rounded.exact)
    self.distances = zip(distances, fromRanges).map(min)
    self.error = error
  }

  /// √Σ (largest distance of an element from the center)², for each lane.
  private static func distances(_ center: IntervalTensor, _ range: IntervalTensor) -> [UpperBound] {
    var squares = Array(repeating: 0.0, count: range.lanes)
    for index in 0..<range.type.count {
      for lane in 0..<range.lanes {
        let (i, j) = (range.position(index, lane), center.position(index, lane))
        let distance = maxOrNaN(
          range.upper[i] - center.lower[j], center.upper[j] - range.lower[i]
        ).nextUp
        squares[lane] += distance * distance
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

  /// An upper bound on the root of a sum of squares that was rounded to nearest; NaN gives ∞.
  private static func root(ofSum squares: Double, terms: Int) -> UpperBound {
    let inflation = 1 + Double(terms + 8) * 0x1p-52
    return (UpperBound(proven: squares) * UpperBound(proven: inflation)).squareRoot()
  }
}

extension IntervalTensor {
  /// Intervals with the given radius for each element and lane, around those of a center.
  static func around(
    _ center: IntervalTensor, _ radius: (_ index: Int, _ lane: Int) -> Double
  ) -> IntervalTensor {
    var result = center
    for index in 0..<center.type.count {
      for lane in 0..<center.lanes {
        let position = center.position(index, lane)
        let radius = radius(index, lane)
        result.lower[position] = (center.lower[position] - radius).nextDown
        result.upper[position] = (center.upper[position] + radius).nextUp
      }
    }
    return result
  }

  /// The intersection of two enclosures of a value; an end of which one knows nothing comes from the
  /// other.
  func intersection(_ other: IntervalTensor) -> IntervalTensor {
    var result = self
    for i in lower.indices {
      if !(lower[i] >= other.lower[i]) { result.lower[i] = other.lower[i] }
      if !(upper[i] <= other.upper[i]) { result.upper[i] = other.upper[i] }
    }
    return result
  }
}
