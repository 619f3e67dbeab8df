/// The value of a number as specs write it, such as `36/255` or `2*sqrt(2)`, enclosed by two Doubles.
struct ExactText {
  private var rest: Substring.UTF8View
  private var depth = 0
  private static let deepest = 32

  /// Bounds on the number; nil where the text is not a number of at least 0.
  static func bounds(_ text: String) -> (low: Double, high: Double)? {
    var reader = ExactText(rest: text[...].utf8)
    guard let value = reader.sum() else { return nil }
    reader.skipBlanks()
    return reader.rest.isEmpty && value.low >= 0 && value.high.isFinite ? value : nil
  }

  private typealias Interval = (low: Double, high: Double)

  private mutating func sum() -> Interval? {
    guard depth < Self.deepest, var total = product() else { return nil }
    while let sign = skip(oneOf: "+-") {
      guard let term = product() else { return nil }
      total =
        sign == UInt8(ascii: "+")
        ? (total.low + term.low, total.high + term.high)
        : (total.low - term.high, total.high - term.low)
      total = (total.low.nextDown, total.high.nextUp)
    }
    return total
  }

  private mutating func product() -> Interval? {
    guard var total = factor() else { return nil }
    while let sign = skip(oneOf: "*/") {
      guard let factor = factor() else { return nil }
      let isProduct = sign == UInt8(ascii: "*")
      guard isProduct || factor.low > 0 || factor.high < 0 else { return nil }
      let ends = [total.low, total.high].flatMap { a in
        [factor.low, factor.high].map { isProduct ? a * $0 : a / $0 }
      }
      guard let low = ends.min(), let high = ends.max() else { return nil }
      total = (low.nextDown, high.nextUp)
    }
    return total
  }

  private mutating func factor() -> Interval? {
    if skip(oneOf: "-") != nil { return factor().map { (-$0.high, -$0.low) } }
    if skip("sqrt(") {
      guard let inner = parenthesized(), inner.low >= 0 else { return nil }
      return (inner.low.squareRoot().nextDown, inner.high.squareRoot().nextUp)
    }
    if skip("(") { return parenthesized() }
    return number()
  }

  private mutating func parenthesized() -> Interval? {
    depth += 1
    defer { depth -= 1 }
    guard let inner = sum(), skip(")") else { return nil }
    return inner
  }

  private mutating func number() -> Interval? {
    skipBlanks()
    var text = ""
    while let byte = rest.first {
      let isHexadecimal = text.hasPrefix("0x")
      let isSign =
        "+-".utf8.contains(byte) && !isHexadecimal && (text.hasSuffix("e") || text.hasSuffix("E"))
      let isDigit = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
      guard isDigit || byte == UInt8(ascii: ".") || isSign else { break }
      text.unicodeScalars.append(Unicode.Scalar(byte))
      rest.removeFirst()
    }
    guard let value = Self.value(text), value.isFinite else { return nil }
    // A whole number of this size is exact.
    return value == value.rounded() && value < 0x1p53
      ? (value, value) : (value.nextDown, value.nextUp)
  }

  private static func value(_ text: String) -> Double? {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
      return Int(text.dropFirst(2), radix: radix).map(Double.init)
    }
    return text.utf8.first.map { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") } == true
      ? Double(text) : nil
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") } }

  private mutating func skip(oneOf bytes: String) -> UInt8? {
    skipBlanks()
    guard let byte = rest.first, bytes.utf8.contains(byte) else { return nil }
    rest.removeFirst()
    return byte
  }

  private mutating func skip(_ word: String) -> Bool {
    skipBlanks()
    guard rest.starts(with: word.utf8) else { return false }
    rest.removeFirst(word.utf8.count)
    return true
  }
}
