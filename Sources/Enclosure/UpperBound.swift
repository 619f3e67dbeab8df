/// A number known to be at least the true, non-negative value it stands for.
///
/// Arithmetic rounds up, so the direction survives; there is no way from a ``LowerBound`` or a plain
/// estimate to an upper bound but a proof. NaN becomes infinity.
public struct UpperBound: Hashable, Sendable, Comparable {
  /// The bound: non-negative, possibly infinite.
  public let value: Double

  /// Claims that `value` bounds the quantity from above.
  ///
  /// The caller owes the proof; NaN and negative numbers (from a claim about a norm) become +∞.
  public init(proven value: Double) { self.value = value >= 0 ? value : .infinity }

  /// Zero and one, exactly.
  public static let zero = UpperBound(proven: 0)
  /// One, exactly.
  public static let one = UpperBound(proven: 1)
  /// Nothing is known.
  public static let infinity = UpperBound(proven: .infinity)

  /// Smaller bounds first.
  public static func < (a: UpperBound, b: UpperBound) -> Bool { a.value < b.value }
}

/// A number known to be at most the true, non-negative value it stands for; arithmetic rounds down.
public struct LowerBound: Hashable, Sendable, Comparable {
  /// The bound: non-negative and finite.
  public let value: Double

  /// Claims that `value` bounds the quantity from below; NaN, negative and infinite become 0.
  public init(proven value: Double) { self.value = value >= 0 && value.isFinite ? value : 0 }

  /// Zero, which bounds every norm.
  public static let zero = LowerBound(proven: 0)
  /// One, exactly.
  public static let one = LowerBound(proven: 1)

  /// Smaller bounds first.
  public static func < (a: LowerBound, b: LowerBound) -> Bool { a.value < b.value }
}
