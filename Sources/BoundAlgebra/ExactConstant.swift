/// The exact form c·√r of a closed constant, for symbolic simplification; c and r are non-negative
/// rationals in lowest terms, and r has no small square factor.
///
/// Operations that would leave the range of `Int` return nil, and the constants then stay apart.
struct ExactConstant: Hashable {
  let coefficient: Ratio
  let radicand: Ratio

  static let one = ExactConstant(coefficient: .one, radicand: .one)

  init(coefficient: Ratio, radicand: Ratio) {
    self.coefficient = coefficient
    self.radicand = radicand
  }

  /// Nil for an enclosed constant and for numbers that cannot be brought to lowest terms.
  init?(_ constant: BoundConstant) {
    switch constant {
    case .rational(let numerator, let denominator):
      guard let ratio = Ratio(numerator, denominator) else { return nil }
      self.init(coefficient: ratio, radicand: .one)
    case .squareRoot(let numerator, let denominator):
      guard let ratio = Ratio(numerator, denominator) else { return nil }
      self.init(rootOf: ratio)
    case .enclosed:
      return nil
    }
  }

  /// √ratio, square factors taken out.
  init(rootOf ratio: Ratio) {
    let (outer, inner) = Self.extractSquare(ratio.numerator)
    let (outerBelow, innerBelow) = Self.extractSquare(ratio.denominator)
    coefficient = Ratio(lowest: outer, outerBelow)
    radicand = inner == 0 ? .one : Ratio(lowest: inner, innerBelow)
  }

  var isZero: Bool { coefficient.numerator == 0 }

  func times(_ other: ExactConstant) -> ExactConstant? {
    guard let inner = radicand.times(other.radicand) else { return nil }
    let root = ExactConstant(rootOf: inner)
    guard let outer = coefficient.times(other.coefficient)?.times(root.coefficient) else {
      return nil
    }
    return ExactConstant(coefficient: outer, radicand: root.radicand)
  }

  /// c²·r.
  var square: Ratio? { coefficient.times(coefficient)?.times(radicand) }

  /// The constants whose product it is, ones left out.
  var constants: [BoundConstant] {
    var result: [BoundConstant] = []
    if coefficient != .one {
      result.append(.rational(coefficient.numerator, coefficient.denominator))
    }
    if radicand != .one { result.append(.squareRoot(radicand.numerator, radicand.denominator)) }
    return result
  }

  /// number = outer²·inner, the square factors below 1000² and a final perfect square taken out.
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

/// A non-negative rational in lowest terms.
struct Ratio: Hashable {
  let numerator: Int
  let denominator: Int

  static let zero = Ratio(lowest: 0, 1)
  static let one = Ratio(lowest: 1, 1)

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

  func times(_ other: Ratio) -> Ratio? {
    // Crosswise reduction first, so that only a result out of range overflows.
    guard let left = Ratio(numerator, other.denominator),
      let right = Ratio(other.numerator, denominator)
    else { return nil }
    let (top, topOverflow) = left.numerator.multipliedReportingOverflow(by: right.numerator)
    let (bottom, bottomOverflow) =
      left.denominator.multipliedReportingOverflow(by: right.denominator)
    return topOverflow || bottomOverflow ? nil : Ratio(lowest: top, bottom)
  }

  func plus(_ other: Ratio) -> Ratio? {
    let (left, o1) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (right, o2) = other.numerator.multipliedReportingOverflow(by: denominator)
    let (bottom, o3) = denominator.multipliedReportingOverflow(by: other.denominator)
    let (top, o4) = left.addingReportingOverflow(right)
    return o1 || o2 || o3 || o4 ? nil : Ratio(top, bottom)
  }

  /// Whether it is less than another; nil where the comparison leaves the range.
  func isLess(than other: Ratio) -> Bool? {
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
