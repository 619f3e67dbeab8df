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

  /// The constant rounded up.
  public var upper: UpperBound {
    switch self {
    case .rational(let numerator, let denominator): UpperBound(ratio: numerator, denominator)
    case .squareRoot(let numerator, let denominator):
      UpperBound(ratio: numerator, denominator).squareRoot()
    case .enclosed(_, _, let upper): upper
    }
  }

  /// The constant rounded down.
  public var lower: LowerBound {
    switch self {
    case .rational(let numerator, let denominator): LowerBound(ratio: numerator, denominator)
    case .squareRoot(let numerator, let denominator):
      LowerBound(ratio: numerator, denominator).squareRoot()
    case .enclosed(_, let lower, _): lower
    }
  }

  /// The constant up to a few roundings to nearest: for graphs, not for certificates.
  public var estimate: Double {
    switch self {
    case .rational(let numerator, let denominator): Double(numerator) / Double(denominator)
    case .squareRoot(let numerator, let denominator):
      (Double(numerator) / Double(denominator)).squareRoot()
    case .enclosed(_, let lower, let upper): upper.isFinite ? upper.value : lower.value
    }
  }
}
