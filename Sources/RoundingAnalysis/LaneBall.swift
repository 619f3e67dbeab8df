import TensorGraph

/// What ``BallEnclosure`` knows of one element in two lanes, with a middle and a half-width in place of the
/// center's ends, which cost fewer operations (Rump 1999, "Fast and parallel interval arithmetic").
///
/// Every operation adds ``slack(_:)`` of its results' magnitude to half-widths and ends, which covers at most
/// three roundings to nearest of the middle and the ends, each of at most u times that magnitude. Half-widths
/// are ``raised(_:)`` besides, for their own rounding. NaN or ∞ in an end becomes an error of ∞
/// (``ExecutedFormat/finished(_:magnitude:)``).
struct LaneBall {
  /// The middle of the enclosure of the element that exact arithmetic gives for the middles of the layers before.
  var middle: Lanes
  /// At least the distance of that element from the middle.
  var half: Lanes
  /// The range of the exact element over the ball.
  var range: Ends
  var error: Lanes
  /// At a layer's output, the error that its reader carries on.
  var carried = Lanes.zero

  /// At least four roundings of numbers of a magnitude, and what underflows.
  @inline(__always)
  static func slack(_ x: Lanes) -> Lanes { x.magnitude * 0x1p-51 + 0x1p-1000 }

  /// At least a non-negative number that was computed in up to seven roundings.
  @inline(__always)
  static func raised(_ x: Lanes) -> Lanes { x * (1 + 0x1p-50) + 0x1p-1000 }

  /// The larger number in every lane, and NaN where `x` is.
  @inline(__always)
  private static func larger(_ x: Lanes, _ constant: Lanes) -> Lanes {
    .select(x, isLessThan: constant, constant, else: x)
  }

  @inline(__always)
  private static func smaller(_ x: Lanes, _ constant: Lanes) -> Lanes {
    .select(constant, isLessThan: x, constant, else: x)
  }

  /// The sum with another ball.
  @inline(__always)
  func plus(_ other: LaneBall, _ format: ExecutedFormat) -> LaneBall {
    let middle = middle + other.middle
    let range = Ends(range.lower + other.range.lower, range.upper + other.range.upper).widened
    let (size, propagated) = (range.size, error + other.error)
    return LaneBall(
      middle: middle, half: Self.raised(half + other.half) + Self.slack(middle), range: range,
      error: format.finished(
        propagated + format.unitRoundoff * (size + propagated), magnitude: size),
      carried: carried)
  }

  /// The product with a value that is finite, at all inputs the same.
  @inline(__always)
  func times(_ other: LaneBall, _ format: ExecutedFormat) -> LaneBall {
    let middle = middle * other.middle
    let half = half * other.middle.magnitude + (self.middle.magnitude + half) * other.half
    let (a, b) = (range, other.range)
    let (p, q, r, s) = (a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper)
    let range = Ends(
      minOrNaN(minOrNaN(p, q), minOrNaN(r, s)), maxOrNaN(maxOrNaN(p, q), maxOrNaN(r, s))
    ).widened
    let size = range.size
    let propagated =
      a.size * other.error + b.size * error + error * other.error
    return LaneBall(
      middle: middle, half: Self.raised(half) + Self.slack(middle), range: range,
      error: format.finished(
        propagated + format.unitRoundoff * (size + propagated), magnitude: size),
      carried: carried)
  }

  /// The larger of the element and of a value that is finite, at all inputs the same.
  ///
  /// A maximum moves no more than the operand that moves most.
  @inline(__always)
  func maximum(_ other: LaneBall, _ format: ExecutedFormat) -> LaneBall {
    extremum(other, Self.larger, format)
  }

  /// The smaller of the two.
  @inline(__always)
  func minimum(_ other: LaneBall, _ format: ExecutedFormat) -> LaneBall {
    extremum(other, Self.smaller, format)
  }

  @inline(__always)
  private func extremum(
    _ other: LaneBall, _ choice: (Lanes, Lanes) -> Lanes, _ format: ExecutedFormat
  ) -> LaneBall {
    let range = Ends(
      choice(range.lower, other.range.lower), choice(range.upper, other.range.upper))
    return LaneBall(
      middle: choice(middle, other.middle), half: Self.larger(half, other.half), range: range,
      error: format.finished(Self.larger(error, other.error), magnitude: range.size),
      carried: carried)
  }

  /// −x, which rounds nothing.
  @inline(__always)
  var negated: LaneBall {
    LaneBall(
      middle: -middle, half: half, range: Ends(-range.upper, -range.lower), error: error,
      carried: carried)
  }

  /// The range of the executed element, none of which is below `least`.
  @inline(__always)
  func executed(_ least: Double) -> Ends {
    let ends = Ends(range.lower - error, range.upper + error).widened
    return Ends(Self.larger(ends.lower, Lanes(repeating: least)), ends.upper)
  }
}

extension Ends {
  /// The largest magnitude of ends of which the lower is not above the upper; NaN if the upper is.
  @inline(__always)
  var size: Lanes { .select(upper, isLessThan: -lower, -lower, else: upper) }

  /// The ends moved outward by ``LaneBall/slack(_:)``.
  @inline(__always)
  var widened: Ends {
    let slack = LaneBall.slack(size)
    return Ends(lower - slack, upper + slack)
  }
}
