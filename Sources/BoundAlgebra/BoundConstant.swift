import Enclosure

/// A non-negative real constant of a bound: exact where it has a closed form.
public enum BoundConstant: Hashable, Sendable {
  /// numerator/denominator, denominator > 0.
  case rational(Int, Int)
  /// √(numerator/denominator), denominator > 0.
  case squareRoot(Int, Int)
  /// A constant with a name and an enclosure, such as the largest slope of GELU.
  case enclosed(String, lower: LowerBound, upper: UpperBound)

  /// The number 1.
  public static let one = BoundConstant.rational(1, 1)
}
