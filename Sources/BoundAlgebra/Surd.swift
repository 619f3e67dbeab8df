/// A constant c·√r in exact form, for symbolic simplification; c and r are non-negative rationals in
/// lowest terms, and r has no small square factor.
///
/// Operations that would leave the range of `Int` return nil; the constants are then not combined.
struct Surd: Hashable {
  let coefficient: SmallRational
  let radicand: SmallRational

  static let one = Surd(coefficient: .one, radicand: .one)

  init(coefficient: SmallRational, radicand: SmallRational) {
    self.coefficient = coefficient
    self.radicand = radicand
  }

  /// Nil for an enclosed constant and for numbers that cannot be brought to lowest terms.
  init?(_ constant: BoundConstant) {
    switch constant {
    case .rational(let numerator, let denominator):
      guard let ratio = SmallRational(numerator, denominator) else { return nil }
      self.init(coefficient: ratio, radicand: .one)
    case .squareRoot(let numerator, let denominator):
      guard let ratio = SmallRational(numerator, denominator) else { return nil }
      self.init(rootOf: ratio)
    case .enclosed:
      return nil
    }
  }

  /// √ratio, with square factors taken out of the root.
  init(rootOf ratio: SmallRational) {
    let (outer, inner) = Self.extractSquare(ratio.numerator)
    let (outerBelow, innerBelow) = Self.extractSquare(ratio.denominator)
    coefficient = SmallRational(lowest: outer, outerBelow)
    radicand = inner == 0 ? .one : SmallRational(lowest: inner, innerBelow)
  }

  var isZero: Bool { coefficient.numerator == 0 }

  func times(_ other: Surd) -> Surd? {
    guard let inner = radicand.times(other.radicand) else { return nil }
    let root = Surd(rootOf: inner)
    guard let outer = coefficient.times(other.coefficient)?.times(root.coefficient) else {
      return nil
    }
    return Surd(coefficient: outer, radicand: root.radicand)
  }

  /// c²·r.
  var square: SmallRational? { coefficient.times(coefficient)?.times(radicand) }

  /// Constants whose product is the value; factors of 1 are left out.
  var constants: [BoundConstant] {
    var result: [BoundConstant] = []
    if coefficient != .one {
      result.append(.rational(coefficient.numerator, coefficient.denominator))
    }
    if radicand != .one { result.append(.squareRoot(radicand.numerator, radicand.denominator)) }
    return result
  }

  /// number = outer²·inner, where outer is the product of the factors below 1000 whose squares divide the
  /// number, and of the root if a perfect square remains.
  private static func extractSquare(_ number: Int) -> (outer: Int, inner: Int) {
    if number == 0 { return (0, 0) }
    var (outer, inner) = (1, number)
    var factor = 2
    while factor < 1000, factor * factor <= inner {
      while inner % (factor * factor) == 0 {
        inner /= factor * factor
        outer *= factor
      }
      factor += 1
    }
    let root = Int(Double(inner).squareRoot())
    if root < 1 << 31, root * root == inner { return (outer * root, 1) }
    return (outer, inner)
  }
}

/// A non-negative rational of machine integers in lowest terms; a result out of range is nil.
///
/// The numbers of a spec have no such range: `Rational` of `SpecSyntax` is of arbitrary precision.
struct SmallRational: Hashable {
  let numerator: Int
  let denominator: Int

  static let zero = SmallRational(lowest: 0, 1)
  static let one = SmallRational(lowest: 1, 1)

  /// Two numbers known to have no common divisor.
  init(lowest numerator: Int, _ denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// Nil where the numbers are not a non-negative ratio.
  init?(_ numerator: Int, _ denominator: Int) {
    guard numerator >= 0, denominator > 0 else { return nil }
    let divisor = Self.greatestDivisor(numerator, denominator)
    self.init(lowest: numerator / divisor, denominator / divisor)
  }

  func times(_ other: SmallRational) -> SmallRational? {
    // Crosswise reduction first, so that only a result out of range overflows.
    guard let left = SmallRational(numerator, other.denominator),
      let right = SmallRational(other.numerator, denominator)
    else { return nil }
    let (top, topOverflow) = left.numerator.multipliedReportingOverflow(by: right.numerator)
    let (bottom, bottomOverflow) =
      left.denominator.multipliedReportingOverflow(by: right.denominator)
    return topOverflow || bottomOverflow ? nil : SmallRational(lowest: top, bottom)
  }

  func plus(_ other: SmallRational) -> SmallRational? {
    let (left, o1) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (right, o2) = other.numerator.multipliedReportingOverflow(by: denominator)
    let (bottom, o3) = denominator.multipliedReportingOverflow(by: other.denominator)
    let (top, o4) = left.addingReportingOverflow(right)
    return o1 || o2 || o3 || o4 ? nil : SmallRational(top, bottom)
  }

  /// Whether it is less than another; nil where the comparison leaves the range.
  func isLess(than other: SmallRational) -> Bool? {
    let (left, o1) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (right, o2) = other.numerator.multipliedReportingOverflow(by: denominator)
    return o1 || o2 ? nil : left < right
  }

  private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return max(a, 1)
  }
}
