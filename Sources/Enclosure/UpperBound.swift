/// A number known to be at least the true, non-negative value it stands for.
///
/// Arithmetic rounds up, so the direction survives; a ``LowerBound`` or an estimate cannot
/// become an upper bound without a proof. NaN becomes infinity.
public struct UpperBound: Hashable, Sendable, Comparable {
  /// The bound: non-negative, possibly infinite.
  public let value: Double

  /// Claims that `value` bounds the quantity from above.
  ///
  /// The caller owes the proof; NaN and negative numbers (from a claim about a norm) become +∞.
  public init(proven value: Double) { self.value = value >= 0 ? value : .infinity }

  /// Zero, exactly.
  public static let zero = UpperBound(proven: 0)
  /// One, exactly.
  public static let one = UpperBound(proven: 1)
  /// √2, rounded up.
  public static let rootTwo = UpperBound(proven: DirectedRounding.squareRootUp(2))
  /// Nothing is known.
  public static let infinity = UpperBound(proven: .infinity)

  /// Smaller bounds first.
  public static func < (a: UpperBound, b: UpperBound) -> Bool { a.value < b.value }
}

/// Arithmetic of upper bounds: every result bounds the exact result for every value below the
/// operands.
///
/// NaN, such as 0 · ∞, becomes ∞.
extension UpperBound {
  /// numerator/denominator, rounded up; both at least 0, and x/0 is ∞.
  public init(ratio numerator: Int, _ denominator: Int) {
    let top = UpperBound(integer: numerator)
    self = top / LowerBound(integer: denominator)
  }

  /// An integer, rounded up; negative ones become ∞.
  public init(integer: Int) {
    let rounded = Double(integer)
    let exact = rounded < 0x1p63 && Int(rounded) >= integer
    self.init(proven: exact || rounded >= 0x1p63 ? rounded : rounded.nextUp)
  }

  /// The sum.
  public static func + (a: UpperBound, b: UpperBound) -> UpperBound {
    UpperBound(proven: DirectedRounding.addUp(a.value, b.value))
  }

  /// The product.
  public static func * (a: UpperBound, b: UpperBound) -> UpperBound {
    UpperBound(proven: DirectedRounding.multiplyUp(a.value, b.value))
  }

  /// The quotient; division by a bound of 0 gives ∞.
  public static func / (a: UpperBound, b: LowerBound) -> UpperBound {
    b.value > 0 ? UpperBound(proven: DirectedRounding.divideUp(a.value, b.value)) : .infinity
  }

  /// The square root.
  public func squareRoot() -> UpperBound {
    UpperBound(proven: DirectedRounding.squareRootUp(value))
  }

  /// Whether the bound is finite.
  public var isFinite: Bool { value.isFinite }
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

/// Arithmetic of lower bounds: every result is below the exact result for every value above the
/// operands.
extension LowerBound {
  /// numerator/denominator, rounded down; both at least 0, and x/0 is 0: nothing is claimed.
  public init(ratio numerator: Int, _ denominator: Int) {
    let bottom = UpperBound(integer: denominator)
    self = LowerBound(integer: numerator) / bottom
  }

  /// An integer, rounded down; negative ones become 0.
  public init(integer: Int) {
    let rounded = Double(integer)
    let exact = rounded < 0x1p63 && Int(rounded) <= integer
    self.init(proven: exact ? rounded : rounded.nextDown)
  }

  /// The sum.
  public static func + (a: LowerBound, b: LowerBound) -> LowerBound {
    LowerBound(proven: finite(DirectedRounding.addDown(a.value, b.value)))
  }

  /// The product.
  public static func * (a: LowerBound, b: LowerBound) -> LowerBound {
    LowerBound(proven: finite(DirectedRounding.multiplyDown(a.value, b.value)))
  }

  /// The quotient; 0 where the divisor is 0 or ∞.
  public static func / (a: LowerBound, b: UpperBound) -> LowerBound {
    guard b.value > 0, b.value.isFinite else { return .zero }
    return LowerBound(proven: finite(DirectedRounding.divideDown(a.value, b.value)))
  }

  /// The square root.
  public func squareRoot() -> LowerBound {
    LowerBound(proven: DirectedRounding.squareRootDown(value))
  }

  /// What is left of a value that is at least `self` after taking away at most `amount`, at least 0.
  public func reduced(by amount: UpperBound) -> LowerBound {
    LowerBound(proven: DirectedRounding.addDown(value, -amount.value))
  }

  private static func finite(_ value: Double) -> Double {
    min(value, .greatestFiniteMagnitude)
  }
}
