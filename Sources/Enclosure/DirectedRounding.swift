/// The four operations and the square root on Double, rounded in a stated direction.
///
/// Only round-to-nearest is used: an error-free transformation tells on which side of the rounded
/// result the exact one lies, and at most one step to the neighboring number follows. Where the
/// transformation may itself underflow the step is taken in any case. A finite result that leaves the
/// range becomes ±∞ in the direction asked for and the largest finite number in the other. NaN stays
/// NaN.
/// Reference: Muller et al., Handbook of Floating-Point Arithmetic, 2nd ed., §4.3–4.4.
public enum DirectedRounding {
  /// 2⁻⁹⁶⁰: residuals of operands and results at least this large do not underflow.
  @usableFromInline static let safeMagnitude = 0x1p-960

  /// a + b, never below the exact sum.
  @inlinable
  public static func addUp(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    guard sum.isFinite else { return overflowUp(sum, of: a.isFinite && b.isFinite) }
    return sumError(a, b, sum) > 0 ? sum.nextUp : sum
  }

  /// a + b, never above the exact sum.
  @inlinable
  public static func addDown(_ a: Double, _ b: Double) -> Double { -addUp(-a, -b) }

  /// a · b, never below the exact product.
  @inlinable
  public static func multiplyUp(_ a: Double, _ b: Double) -> Double {
    let product = a * b
    guard product.isFinite else { return overflowUp(product, of: a.isFinite && b.isFinite) }
    if a == 0 || b == 0 { return product }
    guard product.magnitude >= safeMagnitude else { return stepUp(product) }
    return (-product).addingProduct(a, b) > 0 ? product.nextUp : product
  }

  /// a · b, never above the exact product.
  @inlinable
  public static func multiplyDown(_ a: Double, _ b: Double) -> Double { -multiplyUp(-a, b) }

  /// a / b, never below the exact quotient; 0 / 0 is NaN.
  @inlinable
  public static func divideUp(_ a: Double, _ b: Double) -> Double {
    let quotient = a / b
    guard quotient.isFinite else {
      return overflowUp(quotient, of: a.isFinite && b.isFinite && b != 0)
    }
    if a == 0 || b.isInfinite { return quotient }
    guard a.magnitude >= safeMagnitude, quotient.magnitude >= safeMagnitude else {
      return stepUp(quotient)
    }
    let residual = a.addingProduct(-quotient, b)
    return (b > 0 ? residual : -residual) > 0 ? quotient.nextUp : quotient
  }

  /// a / b, never above the exact quotient; 0 / 0 is NaN.
  @inlinable
  public static func divideDown(_ a: Double, _ b: Double) -> Double { -divideUp(-a, b) }

  /// √a, never below the exact root; NaN for negative a.
  @inlinable
  public static func squareRootUp(_ a: Double) -> Double {
    let root = a.squareRoot()
    guard a > 0, a.isFinite else { return root }
    guard a >= safeMagnitude else { return root.nextUp }
    return a.addingProduct(-root, root) > 0 ? root.nextUp : root
  }

  /// √a, never above the exact root; NaN for negative a.
  @inlinable
  public static func squareRootDown(_ a: Double) -> Double {
    let root = a.squareRoot()
    guard a > 0, a.isFinite else { return root }
    guard a >= safeMagnitude else { return root.nextDown }
    return a.addingProduct(-root, root) < 0 ? root.nextDown : root
  }

  /// The exact error a + b − sum of a rounded finite sum (Knuth's TwoSum); additions never underflow
  /// inexactly.
  @inlinable
  static func sumError(_ a: Double, _ b: Double, _ sum: Double) -> Double {
    let bPart = sum - a
    let error = (a - (sum - bPart)) + (b - bPart)
    // Near the overflow threshold the transformation itself can overflow: then claim either sign.
    return error.isNaN ? .infinity : error
  }

  /// One step up from an underflowing result; −0 already lies above the negative number it rounds.
  @inlinable
  static func stepUp(_ result: Double) -> Double {
    result == 0 && result.sign == .minus ? result : result.nextUp
  }

  /// A non-finite rounded result as an upper bound: below the range it becomes the least finite number.
  @inlinable
  static func overflowUp(_ result: Double, of finiteOperands: Bool) -> Double {
    finiteOperands && result == -.infinity ? -.greatestFiniteMagnitude : result
  }
}
