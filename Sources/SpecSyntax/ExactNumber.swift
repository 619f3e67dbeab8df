import BigInt

/// A number as the user wrote it, with its exact value: `36/255`, `2*sqrt(2)`, `1e-3`, `0x10`.
public struct ExactNumber: Sendable, Hashable {
  /// The text it was written as, spaces removed at both ends.
  public let text: String
  /// The value as a fraction, or nil where a root makes it irrational.
  public let rational: Rational?
  /// The nearest double: correctly rounded for a fraction.
  public let nearest: Double
  /// The largest double known not to exceed the value.
  public let lower: Double
  /// The smallest double known not to be below the value.
  public let upper: Double

  /// Why a text is not a number.
  public struct Fault: Error, Hashable, Sendable {
    /// One phrase.
    public let message: String
    /// The bytes of the text at fault.
    public let range: Range<Int>
    /// What to write instead, if known.
    public let help: String?
  }

  /// Evaluates an expression of numbers, `+ - * / ( )` and `sqrt`.
  ///
  /// Numbers are decimals with an optional exponent, `0x…` and `0o…`. Limits: 256 bytes of text,
  /// exponents up to 400, fractions up to 4096 bits, magnitudes that a normal double can hold.
  public init(_ text: String) throws(Fault) {
    var parser = ExactNumberParser(text)
    let range = try parser.parse()
    let trimmed = text.split(whereSeparator: { $0 == " " || $0.isNewline }).joined(separator: " ")
    try self.init(text: trimmed, range, bytes: 0..<text.utf8.count)
  }

  /// A whole number.
  public init(_ integer: Int) {
    let value = Rational(BigInt(integer))
    text = String(integer)
    rational = value
    nearest = value.rounded(.nearest)
    lower = value.rounded(.down)
    upper = value.rounded(.up)
  }

  /// The exact value of a finite double, written as its shortest decimal.
  ///
  /// The decimal is what counts: 0.1 becomes 1/10. Nil for NaN and the infinities.
  public init?(decimal number: Double) {
    guard number.isFinite, let parsed = try? ExactNumber(number.description) else { return nil }
    self = parsed
  }

  private init(text: String, _ range: RationalRange, bytes: Range<Int>) throws(Fault) {
    self.text = text
    rational = range.isExact ? range.low : nil
    lower = range.low.rounded(.down)
    upper = range.high.rounded(.up)
    nearest = range.low.rounded(.nearest)
    let isZero = range.isExact && range.low.numerator == 0
    let magnitudes = lower.magnitude...max(lower.magnitude, upper.magnitude)
    guard isZero || (magnitudes.lowerBound.isNormal && magnitudes.upperBound.isFinite) else {
      throw Fault(
        message: "the value is outside the range of double precision", range: bytes, help: nil)
    }
  }

  /// The value as an Int where it is one.
  public var integer: Int? {
    guard let rational, rational.denominator == 1 else { return nil }
    return Int(exactly: rational.numerator)
  }
}
