import TensorGraph

/// An interval, or intervals of several lanes.
struct Ends<Number: LaneNumber> {
  var lower: Number
  var upper: Number

  @inline(__always)
  init(_ lower: Number, _ upper: Number) { (self.lower, self.upper) = (lower, upper) }

  /// The largest magnitude; NaN if nothing is known.
  @inline(__always)
  var magnitude: Number { maxOrNaN(lower.magnitude, upper.magnitude) }

  /// A middle, and a half-width that covers the interval.
  @inline(__always)
  var middleAndHalf: (middle: Number, half: Number) {
    let half = Number(repeating: 0.5)
    let middle = Number.select(lower, equals: upper, lower, else: lower * half + upper * half)
    return (
      middle,
      .select(
        lower, equals: upper, Number(repeating: 0),
        else: maxOrNaN(above(upper - middle), above(middle - lower)))
    )
  }
}

/// An exact element's interval, with a bound on the error of the executed one.
struct RoundedEnds<Number: LaneNumber> {
  var exact: Ends<Number>
  var error: Number
  /// At most the executed element.
  var least: Number

  @inline(__always)
  init(_ exact: Ends<Number>, error: Number, least: Number) {
    (self.exact, self.error, self.least) = (exact, error, least)
  }

  /// The interval of the executed element.
  @inline(__always)
  var executed: Ends<Number> {
    Ends(maxOrNaN(below(exact.lower - error), least), above(exact.upper + error))
  }
}

/// The rules of operations on two elements: enclosures of the exact result, and errors of the executed one.
///
/// The proofs are in `docs/soundness.md`, §5 and §6.
enum BinaryRules {
  /// The enclosure of a ∘ b.
  @inline(__always)
  static func enclosure<Number: LaneNumber>(
    _ function: Operation.Binary, _ a: Ends<Number>, _ b: Ends<Number>
  ) -> Ends<Number> {
    switch function {
    case .add: Ends(below(a.lower + b.lower), above(a.upper + b.upper))
    case .subtract: Ends(below(a.lower - b.upper), above(a.upper - b.lower))
    case .multiply:
      hull(a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper)
    case .divide: quotient(a, b)
    case .maximum: Ends(maxOrNaN(a.lower, b.lower), maxOrNaN(a.upper, b.upper))
    case .minimum: Ends(minOrNaN(a.lower, b.lower), minOrNaN(a.upper, b.upper))
    }
  }

  @inline(__always)
  private static func hull<Number: LaneNumber>(
    _ p: Number, _ q: Number, _ r: Number, _ s: Number
  ) -> Ends<Number> {
    Ends(
      below(minOrNaN(minOrNaN(p, q), minOrNaN(r, s))),
      above(maxOrNaN(maxOrNaN(p, q), maxOrNaN(r, s))))
  }

  /// Everything if the divisor's interval contains 0.
  @inline(__always)
  private static func quotient<Number: LaneNumber>(
    _ a: Ends<Number>, _ b: Ends<Number>
  ) -> Ends<Number> {
    let hull = hull(a.lower / b.lower, a.lower / b.upper, a.upper / b.lower, a.upper / b.upper)
    let (zero, all) = (Number(repeating: 0), Number(repeating: .infinity))
    func known(_ end: Number, else unknown: Number) -> Number {
      .select(
        zero, isLessThan: b.lower, end,
        else: .select(b.upper, isLessThan: zero, end, else: unknown))
    }
    return Ends(known(hull.lower, else: zero - all), known(hull.upper, else: all))
  }

  /// The error of the executed a ∘ b.
  ///
  /// - Parameter size: the largest magnitude of the exact result.
  @inline(__always)
  static func error<Number: LaneNumber>(
    _ function: Operation.Binary, _ a: RoundedEnds<Number>, _ b: RoundedEnds<Number>,
    size: Number, _ format: ExecutedFormat
  ) -> Number {
    let (p, q) = (a.error, b.error)
    let propagated: Number
    switch function {
    case .maximum, .minimum: return format.finished(maxOrNaN(p, q), magnitude: size)
    case .add, .subtract: propagated = p + q
    case .multiply: propagated = a.exact.magnitude * q + b.exact.magnitude * p + p * q
    case .divide:
      let least = maxOrNaN(b.executed.lower, below(Number(repeating: 0) - b.exact.upper - q))
      propagated = .select(
        Number(repeating: 0), isLessThan: least, (p + size * q) / least,
        else: Number(repeating: .infinity))
    }
    let unit = Number(repeating: format.unitRoundoff)
    return format.finished(propagated + unit * (size + propagated), magnitude: size)
  }
}
