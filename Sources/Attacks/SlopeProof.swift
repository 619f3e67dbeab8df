/// Proves in exact arithmetic that a logit difference changes faster than its bound, or that float32 only
/// made it seem so.
struct SlopeProof {
  let exact: ExactLogits
  /// The shape of a point.
  let shape: [Int]

  /// Distances over which the change is measured, the first that proves it taken.
  private static let distances: [Float] = [1e-1, 1e-2, 1e-3, 1e-4]

  /// The contradiction, if there is one.
  ///
  /// - Parameter bound: what is claimed of F_i − F_t, i the steepest's other class.
  func contradiction(
    _ steepest: SlopeSearch.Steepest, label: Int, bound: Double, source: String
  ) -> Contradiction? {
    let ends = Self.distances.map { distance in
      zip(steepest.point, steepest.direction).map { $0 + distance * $1 }
    }
    let rows = exact.rows([steepest.point] + ends)
    for (end, row) in zip(ends, rows.dropFirst()) {
      guard
        let slope = Self.slope(
          rows[0], row, label, steepest.other, over: PointDistance.upper(steepest.point, end)),
        slope > bound
      else { continue }
      return Contradiction(
        claim: .pair(label, steepest.other), source: source, shape: shape,
        original: steepest.point, point: end, claimed: bound, found: slope)
    }
    return nil
  }

  /// A lower bound on the rate at which F_i − F_t changes between two points; nil for one point.
  static func slope(
    _ a: ExactLogits.Row, _ b: ExactLogits.Row, _ t: Int, _ i: Int, over distance: Double
  ) -> Double? {
    distance > 0 ? (change(a, b, t, i) / distance).nextDown : nil
  }

  /// A lower bound on how much F_i − F_t changes between two points.
  static func change(_ a: ExactLogits.Row, _ b: ExactLogits.Row, _ t: Int, _ i: Int) -> Double {
    let rise = (b.lowerDifference(i, t) - a.upperDifference(i, t)).nextDown
    let fall = (a.lowerDifference(i, t) - b.upperDifference(i, t)).nextDown
    return max(rise, fall, 0)
  }
}
