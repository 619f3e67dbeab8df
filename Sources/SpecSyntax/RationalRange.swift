/// An interval of two fractions that contains a real number; both are equal if it is known exactly.
///
/// The result of every operation contains the exact result; an inexact end is rounded outward to
/// ``precision`` bits, so that sizes stay bounded.
struct RationalRange: Sendable, Hashable {
  let low: Rational
  let high: Rational
  /// Bits of an inexact end, far more than a double's 53.
  private static let precision = 256

  init(_ exact: Rational) { (low, high) = (exact, exact) }

  private init(_ low: Rational, _ high: Rational) {
    let isExact = low == high
    self.low = isExact ? low : Self.widen(low, up: false)
    self.high = isExact ? high : Self.widen(high, up: true)
  }

  var isExact: Bool { low == high }
  /// Whether 0 is in the interval.
  var containsZero: Bool { low.numerator <= 0 && high.numerator >= 0 }

  static func + (a: Self, b: Self) -> Self { Self(a.low + b.low, a.high + b.high) }
  static prefix func - (a: Self) -> Self { Self(-a.high, -a.low) }
  static func * (a: Self, b: Self) -> Self {
    if a.isExact, b.isExact { return Self(a.low * b.low) }
    let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
    return Self(corners.min() ?? a.low, corners.max() ?? a.high)
  }
  /// 1/x for a range without 0.
  var inverse: Self { Self(high.inverse, low.inverse) }

  /// √x for a range without negative numbers: exact for the square of a fraction.
  var squareRoot: Self { Self(Self.root(low).low, Self.root(high).high) }

  private static func root(_ x: Rational) -> (low: Rational, high: Rational) {
    let (n, d) = (x.numerator, x.denominator)
    let (rootN, rootD) = (n.squareRoot, d.squareRoot)
    if rootN * rootN == n, rootD * rootD == d {
      let root = Rational(rootN, rootD)
      return (root, root)
    }
    // √(n/d) = √(n·d·4ˢ) / (d·2ˢ), with s large enough for an integer root of `precision` bits.
    let shift = max(0, precision - (n.bitWidth + d.bitWidth) / 2 + d.bitWidth)
    let root = ((n * d) << (2 * shift)).squareRoot
    let scale = d << shift
    return (Rational(root, scale), Rational(root + 1, scale))
  }

  /// The value rounded outward to `precision` bits.
  private static func widen(_ x: Rational, up: Bool) -> Rational {
    let magnitude = x.numerator.bitWidth - x.denominator.bitWidth
    let shift = precision - magnitude
    let n = x.numerator << max(shift, 0)
    let d = x.denominator << max(-shift, 0)
    let (truncated, remainder) = n.quotientAndRemainder(dividingBy: d)
    // The quotient is truncated toward 0: correct it where that is inward.
    let isInward = remainder != 0 && up == (x.numerator > 0)
    let quotient = truncated + (isInward ? (up ? 1 : -1) : 0)
    return shift >= 0 ? Rational(quotient, Integer(1) << shift) : Rational(quotient << -shift)
  }
}
