import BigInt
import Diagnostics

/// Recursive descent over `sum = product {('+'|'-') product}`, `product = unary {('*'|'/') unary}`,
/// `unary = ['+'|'-'] unary | number | '(' sum ')' | 'sqrt' '(' sum ')'`.
struct ExactNumberParser {
  private typealias Fault = ExactNumber.Fault
  /// Bytes of an expression; with it, brackets nest at most half as deep.
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
        message: "an expression has at most \(Self.maximumLength) characters, found \(bytes.count)",
        range: 0..<bytes.count, help: nil)
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
        guard !factor.containsZero else { throw fault("division by zero", from: start) }
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
        throw fault("the root of a negative number", from: start)
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
      guard let value = BigInt(digits, radix: radix), isAtEndOfWord else { throw malformed(start) }
      return Rational(value)
    }
    let whole = take(Self.isDigit)
    var fraction = ""
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      fraction = take(Self.isDigit)
    }
    guard let digits = BigInt(whole + fraction) else { throw malformed(start) }
    let power = try exponent(start) - fraction.utf8.count
    guard isAtEndOfWord else { throw malformed(start) }
    let scale = BigInt(10).power(abs(power))
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
      throw fault("an exponent is at most \(Self.maximumExponent)", from: start)
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
    return String(decoding: bytes[start..<position], as: UTF8.self)
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
    Fault(message: message, range: start..<max(start, position), help: nil)
  }

  private func word(at start: Int) -> Range<Int> {
    var end = start
    while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
    return start..<max(end, min(start + 1, bytes.count))
  }

  private func malformed(_ start: Int) -> Fault {
    let range = word(at: start)
    let found = String(decoding: bytes[range], as: UTF8.self)
    guard !found.isEmpty else {
      return Fault(message: "expected a number", range: range, help: nil)
    }
    let isUnderscored = found.contains("_") && found.first?.isNumber == true
    return Fault(
      message: "expected a number, found \(found.quoted)", range: range,
      help: isUnderscored ? "write '\(found.filter { $0 != "_" })'" : nil)
  }

  private func unexpected(_ wanted: String = "an operator") -> Fault {
    let range = word(at: position)
    let found = String(decoding: bytes[range], as: UTF8.self)
    return Fault(
      message: "expected \(wanted)" + (found.isEmpty ? "" : ", found \(found.quoted)"),
      range: range, help: nil)
  }
}
