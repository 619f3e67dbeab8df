import BigInt

/// Two fractions that enclose a real number; equal where the number is known exactly.
///
/// Every operation encloses: an inexact result is widened outward to multiples of a power of two
/// with ``precision`` bits, so that sizes stay bounded.
struct RationalRange: Sendable, Hashable {
  let low: Rational
  let high: Rational
  /// Bits kept of an inexact end: far more than a double's 53.
  private static let precision = 256

  init(_ exact: Rational) { (low, high) = (exact, exact) }

  private init(_ low: Rational, _ high: Rational) {
    let isExact = low == high
    self.low = isExact ? low : Self.widen(low, up: false)
    self.high = isExact ? high : Self.widen(high, up: true)
  }

  var isExact: Bool { low == high }
  /// Whether 0 lies within.
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
    let (n, d) = (x.numerator.magnitude, x.denominator.magnitude)
    let (rootN, rootD) = (n.squareRoot(), d.squareRoot())
    if rootN * rootN == n, rootD * rootD == d {
      let root = Rational(BigInt(rootN), BigInt(rootD))
      return (root, root)
    }
    // √(n/d) = √(n·d·4ˢ) / (d·2ˢ), with s large enough for the integer root to have the bits.
    let shift = max(0, precision - (n.bitWidth + d.bitWidth) / 2 + d.bitWidth)
    let root = BigInt((n * d << (2 * shift)).squareRoot())
    let scale = BigInt(d) << shift
    return (Rational(root, scale), Rational(root + 1, scale))
  }

  /// The value moved outward to `precision` bits.
  private static func widen(_ x: Rational, up: Bool) -> Rational {
    let magnitude = x.numerator.magnitude.bitWidth - x.denominator.magnitude.bitWidth
    let shift = precision - magnitude
    let n = x.numerator << max(shift, 0)
    let d = x.denominator << max(-shift, 0)
    var (quotient, remainder) = n.quotientAndRemainder(dividingBy: d)
    // The quotient is truncated toward 0: step outward where that went inward.
    if remainder != 0, up == (x.numerator > 0) { quotient += up ? 1 : -1 }
    return shift >= 0 ? Rational(quotient, BigInt(1) << shift) : Rational(quotient << -shift)
  }
}
