import Diagnostics

/// A number in its source form, with its exact value: `36/255`, `2*sqrt(2)`, `1e-3`, `0x10`.
public struct ExactNumber: Sendable, Hashable {
  /// The source text without spaces at both ends.
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
    /// The faulty bytes of the text.
    public let range: Range<Int>
    /// What to write instead, if known.
    public let help: String?
    /// Whether the text is empty or one word that is not a number.
    let isWord: Bool

    fileprivate init(
      _ message: String, _ range: Range<Int>, help: String? = nil, isWord: Bool = false
    ) {
      self.message = message
      self.range = range
      self.help = help
      self.isWord = isWord
    }
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
    let value = Rational(Integer(integer))
    text = String(integer)
    rational = value
    nearest = value.rounded(.nearest)
    lower = value.rounded(.down)
    upper = value.rounded(.up)
  }

  /// The exact value of a finite double, written as its shortest decimal.
  ///
  /// The decimal is exact: 0.1 becomes 1/10. Nil for NaN and the infinities.
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
      throw Fault("the value is outside the range of double precision", bytes)
    }
  }

  /// The value as an Int where it is one.
  public var integer: Int? {
    guard let rational, rational.denominator == 1 else { return nil }
    return rational.numerator.int
  }
}

/// Recursive descent over `sum = product {('+'|'-') product}`, `product = unary {('*'|'/') unary}`,
/// `unary = ['+'|'-'] unary | number | '(' sum ')' | 'sqrt' '(' sum ')'`.
private struct ExactNumberParser {
  private typealias Fault = ExactNumber.Fault
  /// Bytes of an expression, which also limits the nesting of brackets.
  private static let maximumLength = 256
  private static let maximumExponent = 400
  private static let maximumBits = 4096

  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The value of the whole text.
  mutating func parse() throws(ExactNumber.Fault) -> RationalRange {
    guard bytes.count <= Self.maximumLength else {
      throw Fault(
        "an expression has at most \(Self.maximumLength) characters, found \(bytes.count)",
        0..<bytes.count)
    }
    let value = try sum()
    guard position == bytes.count else { throw unexpected() }
    return value
  }

  private mutating func sum() throws(ExactNumber.Fault) -> RationalRange {
    var value = try product()
    while let sign = next(in: "+-") {
      let start = position
      let term = try product()
      value = try checked(value + (sign == UInt8(ascii: "-") ? -term : term), from: start)
    }
    return value
  }

  private mutating func product() throws(ExactNumber.Fault) -> RationalRange {
    var value = try unary()
    while let sign = next(in: "*/") {
      let start = position
      var factor = try unary()
      if sign == UInt8(ascii: "/") {
        guard !factor.containsZero else { throw fault("cannot divide by zero", from: start) }
        factor = factor.inverse
      }
      value = try checked(value * factor, from: start)
    }
    return value
  }

  private mutating func unary() throws(ExactNumber.Fault) -> RationalRange {
    if let sign = next(in: "+-") {
      let value = try unary()
      return sign == UInt8(ascii: "-") ? -value : value
    }
    if next(in: "(") != nil { return try bracket() }
    skipSpaces()
    let start = position
    if bytes[position...].starts(with: "sqrt".utf8) {
      position += 4
      guard next(in: "(") != nil else { throw unexpected("'('") }
      let value = try bracket()
      guard value.low.numerator >= 0 else {
        throw fault("cannot take the square root of a negative number", from: start)
      }
      return value.squareRoot
    }
    return RationalRange(try number())
  }

  private mutating func bracket() throws(ExactNumber.Fault) -> RationalRange {
    let value = try sum()
    guard next(in: ")") != nil else { throw unexpected("')'") }
    return value
  }

  // MARK: Numbers

  private mutating func number() throws(ExactNumber.Fault) -> Rational {
    let start = position
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where bytes[start...].starts(with: prefix.utf8) {
      position += 2
      let digits = take { byte in
        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
      }
      guard let value = Integer(digits, radix: radix), isAtEndOfWord else { throw malformed(start) }
      return Rational(value)
    }
    let whole = take(Self.isDigit)
    var fraction = ""
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      fraction = take(Self.isDigit)
    }
    guard let digits = Integer(whole + fraction) else { throw malformed(start) }
    let power = try exponent(start) - fraction.utf8.count
    guard isAtEndOfWord else { throw malformed(start) }
    let scale = Integer(10).power(abs(power))
    return power >= 0 ? Rational(digits * scale) : Rational(digits, scale)
  }

  private mutating func exponent(_ start: Int) throws(ExactNumber.Fault) -> Int {
    guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return 0 }
    position += 1
    var isNegative = false
    if position < bytes.count,
      bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+")
    {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }
    let digits = take(Self.isDigit)
    guard !digits.isEmpty else { throw malformed(start) }
    guard let value = Int(digits), value <= Self.maximumExponent else {
      throw fault(
        "an exponent must be from -\(Self.maximumExponent) to \(Self.maximumExponent)", from: start)
    }
    return isNegative ? -value : value
  }

  // MARK: Characters and faults

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ".") || byte >= 0x80
  }

  private var isAtEndOfWord: Bool { position >= bytes.count || !Self.isWord(bytes[position]) }

  private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
    let start = position
    while position < bytes.count, belongs(bytes[position]) { position += 1 }
    return text(start..<position)
  }

  private mutating func skipSpaces() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A {
      position += 1
    }
  }

  private mutating func next(in characters: StaticString) -> UInt8? {
    skipSpaces()
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    let isThere = characters.withUTF8Buffer { $0.contains(byte) }
    guard isThere else { return nil }
    position += 1
    skipSpaces()
    return byte
  }

  private func checked(
    _ value: RationalRange, from start: Int
  ) throws(ExactNumber.Fault) -> RationalRange {
    guard max(value.low.bitWidth, value.high.bitWidth) <= Self.maximumBits else {
      throw fault("the value has too many digits", from: start)
    }
    return value
  }

  private func fault(_ message: String, from start: Int) -> Fault {
    Fault(message, start..<max(start, position))
  }

  private func word(at start: Int) -> Range<Int> {
    var end = start
    while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
    return start..<max(end, min(start + 1, bytes.count))
  }

  private func malformed(_ start: Int) -> Fault {
    let range = word(at: start)
    let found = text(range)
    let isUnderscored = found.contains("_") && found.first?.isNumber == true
    return expected(
      "a number", at: range, help: isUnderscored ? "write '\(found.filter { $0 != "_" })'" : nil)
  }

  private func unexpected(_ wanted: String = "an operator") -> Fault {
    let range = word(at: position)
    let isPercent = bytes[range].elementsEqual("%".utf8)
    return expected(wanted, at: range, help: isPercent ? "write 10% as 0.1 or 10/100" : nil)
  }

  /// `expected ')' after '2', found 'x'`.
  private func expected(_ wanted: String, at range: Range<Int>, help: String? = nil) -> Fault {
    let before = previousWord(before: range.lowerBound)
    let place = before.isEmpty ? "" : " after \(before.quoted)"
    let found = range.isEmpty ? "" : ", found \(text(range).quoted)"
    let rest = bytes[range.upperBound...].allSatisfy { $0 == 0x20 || $0 == 0x0A }
    return Fault(
      "expected \(wanted)\(place)\(found)", range, help: help, isWord: before.isEmpty && rest)
  }

  /// The word or operator that ends before an offset.
  private func previousWord(before offset: Int) -> String {
    var upper = offset
    while upper > 0, bytes[upper - 1] == 0x20 || bytes[upper - 1] == 0x0A { upper -= 1 }
    var lower = max(0, upper - 1)
    while lower > 0, Self.isWord(bytes[lower]), Self.isWord(bytes[lower - 1]) { lower -= 1 }
    return text(lower..<upper)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
