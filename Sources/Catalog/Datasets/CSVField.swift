/// What the bytes of a table's field say.
enum CSVField {
  enum Fault: Error {
    case empty, malformed, notFinite
  }

  /// The text; surrounding blanks and one pair of double quotes are ignored.
  static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: unquoted(trimmed(field)), as: UTF8.self)
  }

  /// The texts of a line, which may be the first of a file.
  static func texts(of line: ArraySlice<UInt8>, separator: UInt8) -> [String] {
    let start = line.starts(with: byteOrderMark) ? line.dropFirst(byteOrderMark.count) : line
    let fields = start.last == UInt8(ascii: "\r") ? start.dropLast() : start
    return fields.split(separator: separator, omittingEmptySubsequences: false).map(text)
  }

  /// The bytes that some programs put before UTF-8 text.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The value rounded to float32; surrounding blanks and one pair of double quotes are ignored.
  ///
  /// Accepts an optional sign, digits with an optional point, an optional exponent. The names of
  /// NaN and infinity, and values beyond float32, are `notFinite`; hexadecimal is `malformed`.
  static func number(_ field: ArraySlice<UInt8>) -> Result<Float, Fault> {
    let text = unquoted(trimmed(field))
    guard !text.isEmpty else { return .failure(.empty) }
    if let small = smallInteger(text) { return .success(small) }
    guard text.count <= 64 else { return .failure(.malformed) }
    let string = String(decoding: text, as: UTF8.self)
    guard let value = Float(string) else { return .failure(.malformed) }
    guard value.isFinite else { return .failure(.notFinite) }
    return text.allSatisfy(isDecimal) ? .success(value) : .failure(.malformed)
  }

  /// Up to 7 digits, exact in float32: most fields of image tables.
  private static func smallInteger(_ text: ArraySlice<UInt8>) -> Float? {
    guard text.count <= 7 else { return nil }
    var value = 0
    for byte in text {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return Float(value)
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while let first = field.first, isBlank(first) { field.removeFirst() }
    while let last = field.last, isBlank(last) { field.removeLast() }
    return field
  }

  private static func unquoted(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let quote = UInt8(ascii: "\"")
    guard field.count >= 2, field.first == quote, field.last == quote else { return field }
    return field.dropFirst().dropLast()
  }
}
