import TensorGraph

/// Intervals of an element in several lanes.
struct Ends {
  var lower: Lanes
  var upper: Lanes

  @inline(__always)
  init(_ lower: Lanes, _ upper: Lanes) { (self.lower, self.upper) = (lower, upper) }

  /// The largest magnitude; NaN if nothing is known.
  @inline(__always)
  var magnitude: Lanes { maxOrNaN(lower.magnitude, upper.magnitude) }

  /// A middle, and a half-width that covers the interval.
  @inline(__always)
  var middleAndHalf: (middle: Lanes, half: Lanes) {
    let middle = Lanes.select(lower, equals: upper, lower, else: lower * 0.5 + upper * 0.5)
    return (
      middle,
      .select(
        lower, equals: upper, Lanes(repeating: 0),
        else: maxOrNaN(above(upper - middle), above(middle - lower)))
    )
  }
}

/// Intervals of an exact element in several lanes, with bounds on the errors of the executed one.
struct RoundedEnds {
  var exact: Ends
  var error: Lanes
  /// At most the executed element.
  var least: Lanes

  @inline(__always)
  init(_ exact: Ends, error: Lanes, least: Lanes) {
    (self.exact, self.error, self.least) = (exact, error, least)
  }

  /// The interval of the executed element.
  @inline(__always)
  var executed: Ends {
    Ends(maxOrNaN(below(exact.lower - error), least), above(exact.upper + error))
  }
}

/// The rules of operations on two elements: enclosures of the exact result, and errors of the executed one.
///
/// The proofs are in `docs/soundness.md`, §5 and §6.
enum BinaryRules {
  /// The enclosure of a ∘ b.
  @inline(__always)
  static func enclosure(
    _ function: Operation.Binary, _ a: Ends, _ b: Ends
  ) -> Ends {
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
  private static func hull(
    _ p: Lanes, _ q: Lanes, _ r: Lanes, _ s: Lanes
  ) -> Ends {
    Ends(
      below(minOrNaN(minOrNaN(p, q), minOrNaN(r, s))),
      above(maxOrNaN(maxOrNaN(p, q), maxOrNaN(r, s))))
  }

  /// Everything if the divisor's interval contains 0.
  @inline(__always)
  private static func quotient(
    _ a: Ends, _ b: Ends
  ) -> Ends {
    let hull = hull(a.lower / b.lower, a.lower / b.upper, a.upper / b.lower, a.upper / b.upper)
    let (zero, all) = (Lanes(repeating: 0), Lanes(repeating: .infinity))
    func known(_ end: Lanes, else unknown: Lanes) -> Lanes {
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
  static func error(
    _ function: Operation.Binary, _ a: RoundedEnds, _ b: RoundedEnds,
    size: Lanes, _ format: ExecutedFormat
  ) -> Lanes {
    let (p, q) = (a.error, b.error)
    let propagated: Lanes
    switch function {
    case .maximum, .minimum: return format.finished(maxOrNaN(p, q), magnitude: size)
    case .add, .subtract: propagated = p + q
    case .multiply: propagated = a.exact.magnitude * q + b.exact.magnitude * p + p * q
    case .divide:
      let least = maxOrNaN(b.executed.lower, below(Lanes(repeating: 0) - b.exact.upper - q))
      propagated = .select(
        Lanes(repeating: 0), isLessThan: least, (p + size * q) / least,
        else: Lanes(repeating: .infinity))
    }
    let unit = Lanes(repeating: format.unitRoundoff)
    return format.finished(propagated + unit * (size + propagated), magnitude: size)
  }
}
