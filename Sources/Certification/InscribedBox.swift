import Enclosure

/// A box around a sample inside the ball of a radius, for tools that know no balls.
///
/// The box of half-width ε lies in the ball of radius ε√d, d the number of elements, and no larger one around the
/// sample does. Its volume is a small part of the ball's if d is large: what holds for the ball holds for the box,
/// not the other way round.
public struct InscribedBox: Sendable {
  /// The least value of each element.
  public let low: [Float]
  /// The largest value of each element.
  public let high: [Float]

  /// The largest box with float32 limits whose distance from the surface of the ball is not 0; nil where float32 numbers
  /// are too coarse for any.
  ///
  /// Each limit is at least a binary64 spacing inside, so a shortest decimal of it lies inside too.
  public init?(around sample: some Collection<Float>, radius: Double) {
    let halfWidth = DirectedRounding.divideDown(
      radius, DirectedRounding.squareRootUp(Double(sample.count)))
    let reach = sample.map { Self.largest(from: $0, by: halfWidth) }
    let depth = sample.map { Self.largest(from: -$0, by: halfWidth) }
    let (high, low) = (reach.compactMap(\.self), depth.compactMap { $0.map { -$0 } })
    guard high.count == sample.count, low.count == sample.count else { return nil }
    (self.low, self.high) = (low, high)
  }

  /// The largest float32 number below x + ε; nil where that is below x.
  private static func largest(from x: Float, by halfWidth: Double) -> Float? {
    let limit = DirectedRounding.addDown(Double(x), halfWidth).nextDown
    guard limit >= Double(x) else { return nil }
    let nearest = Float(limit)
    return Double(nearest) > limit ? nearest.nextDown : nearest
  }
}
