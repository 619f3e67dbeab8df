/// Ranges of numbers; the statement of each follows from its limits.
extension SpecKey.Requirement where Value: Comparable {
  /// At least the lower and at most the upper limit.
  public static func range(_ range: ClosedRange<Value>) -> Self {
    Self(
      "at least \(range.lowerBound.limitText) and at most \(range.upperBound.limitText)",
      limits: SpecLimits(range.lowerBound, range.upperBound)
    ) { range.contains($0) }
  }

  /// At least the lower limit and below the upper one.
  public static func range(_ range: Range<Value>) -> Self {
    Self(
      "at least \(range.lowerBound.limitText) and below \(range.upperBound.limitText)",
      limits: SpecLimits(range.lowerBound, range.upperBound, isBelow: true)
    ) { range.contains($0) }
  }

  /// At least a limit.
  public static func atLeast(_ limit: Value) -> Self {
    Self("at least \(limit.limitText)", limits: SpecLimits(limit)) { $0 >= limit }
  }

  /// Above a limit.
  public static func above(_ limit: Value) -> Self {
    Self("above \(limit.limitText)", limits: SpecLimits(limit, isAbove: true)) { $0 > limit }
  }

  /// Above one limit and at most another.
  public static func above(_ lower: Value, atMost upper: Value) -> Self {
    Self(
      "above \(lower.limitText) and at most \(upper.limitText)",
      limits: SpecLimits(lower, upper, isAbove: true)
    ) { $0 > lower && $0 <= upper }
  }
}

extension SpecKey<Int>.Requirement {
  /// At least 1, and small enough that products of a few cannot overflow.
  public static let count = range(1...1_000_000)
  /// At least 0.
  public static let natural = atLeast(0)
}

extension SpecKey<Double>.Requirement {
  /// Above 0.
  public static let positive = above(0)
  /// At least 0.
  public static let nonNegative = atLeast(0)
  /// In [0, 1).
  public static let fraction = range(0..<1)
}

extension SpecValue {
  /// The number in a statement: large powers of two as such.
  fileprivate var limitText: String {
    guard let number = self as? Int, number > 1 << 16, number.nonzeroBitCount == 1 else {
      return specText
    }
    return "2^\(number.trailingZeroBitCount)"
  }
}
