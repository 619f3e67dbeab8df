/// Arithmetic of upper bounds: every result bounds the exact result for every value below the
/// operands.
///
/// NaN, such as 0 · ∞, becomes ∞.
extension UpperBound {
  /// The number itself as a bound on itself; NaN and negative numbers become ∞.
  public init(exactly value: Double) { self.init(proven: value) }

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

  /// Whether the bound says anything.
  public var isFinite: Bool { value.isFinite }
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
