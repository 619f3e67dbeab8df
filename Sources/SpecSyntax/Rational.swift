/// An exact fraction of arbitrary precision, in lowest terms with a positive denominator.
public struct Rational: Sendable, Hashable, Comparable {
  /// The signed numerator.
  let numerator: Integer
  /// The positive denominator.
  let denominator: Integer

  /// The fraction in lowest terms; the denominator must not be 0.
  init(_ numerator: Integer, _ denominator: Integer = 1) {
    precondition(denominator != 0)
    let factor = numerator.greatestCommonDivisor(with: denominator)
    let divisor = denominator < 0 ? -factor : factor
    self.numerator = numerator.quotientAndRemainder(dividingBy: divisor).quotient
    self.denominator = denominator.quotientAndRemainder(dividingBy: divisor).quotient
  }

  /// A fraction of integers; the denominator must not be 0.
  public init(_ numerator: Int, over denominator: Int) {
    self.init(Integer(numerator), Integer(denominator))
  }

  static func + (a: Rational, b: Rational) -> Rational {
    Rational(
      a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
  }
  static prefix func - (a: Rational) -> Rational { Rational(-a.numerator, a.denominator) }
  static func * (a: Rational, b: Rational) -> Rational {
    Rational(a.numerator * b.numerator, a.denominator * b.denominator)
  }
  /// The inverse of a number that is not 0.
  var inverse: Rational { Rational(denominator, numerator) }

  /// By value.
  public static func < (a: Rational, b: Rational) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }

  /// `3` or `36/255` in lowest terms.
  public var text: String {
    denominator == 1 ? numerator.description : "\(numerator)/\(denominator)"
  }
  /// The size of numerator and denominator together.
  var bitWidth: Int { numerator.bitWidth + denominator.bitWidth }
}

extension Rational {
  /// The direction of rounding.
  enum Rounding {
    case down, nearest, up
  }

  /// The value in double precision, rounded correctly, ties to even; values beyond the range become
  /// infinite or the largest double, depending on the direction.
  func rounded(_ rounding: Rounding) -> Double {
    if numerator < 0 {
      let mirrored: Rounding =
        switch rounding {
        case .down: .up
        case .nearest: .nearest
        case .up: .down
        }
      return -(-self).rounded(mirrored)
    }
    guard numerator > 0 else { return 0 }
    let exponent = max(binaryExponent - 52, -1074)
    let shifted = (numerator << max(-exponent, 0), denominator << max(exponent, 0))
    let (quotient, remainder) = shifted.0.quotientAndRemainder(dividingBy: shifted.1)
    let twice = remainder << 1
    let isUp: Bool
    switch rounding {
    case .down: isUp = false
    case .up: isUp = remainder > 0
    case .nearest:
      isUp = twice > shifted.1 || (twice == shifted.1 && quotient.isOdd)
    }
    // At most 2⁵³, so there is an Int and its double is exact.
    let significand = (quotient + (isUp ? 1 : 0)).int.map { Double($0) } ?? .infinity
    let result = Double(sign: .plus, exponent: exponent, significand: significand)
    return result.isInfinite && rounding == .down ? .greatestFiniteMagnitude : result
  }

  /// k with 2ᵏ ≤ value < 2ᵏ⁺¹, for a positive value.
  private var binaryExponent: Int {
    let guess = numerator.bitWidth - denominator.bitWidth
    let isAtLeast = numerator << max(-guess, 0) >= denominator << max(guess, 0)
    return isAtLeast ? guess : guess - 1
  }
}
