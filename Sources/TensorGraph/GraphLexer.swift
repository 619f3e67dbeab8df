import Diagnostics

/// A fault in one line of a graph's text.
struct GraphTextFault: Error {
  let message: String
  /// The bytes at fault.
  let range: Range<Int>
}

/// A token of a line of a graph's text.
struct GraphToken {
  enum Kind: Hashable {
    /// A name: letters.
    case word(String)
    /// A number as written.
    case number(String)
    /// Text in quotes, unescaped.
    case string(String)
    /// `%12`.
    case value(Int)
    /// One of `= ( ) { } , : [ ]`.
    case mark(Character)
    /// The end of the line.
    case end
  }
  let kind: Kind
  let range: Range<Int>

  /// Whether it can be an attribute's value.
  var isLiteral: Bool {
    switch kind {
    case .number, .string: true
    case .word, .value, .mark, .end: false
    }
  }
}

/// Cuts one line into tokens.
struct GraphLexer {
  private let bytes: [UInt8]
  private let end: Int
  private var place: Int

  init(_ bytes: [UInt8], _ line: Range<Int>) {
    self.bytes = bytes
    place = line.lowerBound
    end = line.upperBound
  }

  mutating func next() throws(GraphTextFault) -> GraphToken {
    while place < end, [0x20, 0x09, 0x0D].contains(bytes[place]) { place += 1 }
    let start = place
    guard place < end else { return GraphToken(kind: .end, range: start..<start) }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""):
      return try string(from: start)
    case UInt8(ascii: "%"):
      let digits = run(from: place) { isDigit($0) }
      guard let index = Int(digits), index <= Int(Int32.max) else {
        throw GraphTextFault(message: "'%' needs a node's number", range: start..<place)
      }
      return GraphToken(kind: .value(index), range: start..<place)
    case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      let text = run(from: start) { isDigit($0) || isLetter($0) || $0 == 0x2E || isSign($0) }
      return GraphToken(kind: .number(text), range: start..<place)
    case _ where isLetter(byte):
      let text = run(from: start) { isDigit($0) || isLetter($0) }
      let isNumber = text == "inf" || text == "nan"
      return GraphToken(kind: isNumber ? .number(text) : .word(text), range: start..<place)
    case _ where "=(){},:[]".utf8.contains(byte):
      return GraphToken(kind: .mark(Character(UnicodeScalar(byte))), range: start..<place)
    default:
      throw GraphTextFault(message: "unexpected byte", range: start..<place)
    }
  }

  private mutating func run(from start: Int, while belongs: (UInt8) -> Bool) -> String {
    while place < end, belongs(bytes[place]) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func string(from start: Int) throws(GraphTextFault) -> GraphToken {
    var content: [UInt8] = []
    while place < end, bytes[place] != UInt8(ascii: "\"") {
      if bytes[place] == UInt8(ascii: "\\") {
        content += try escape()
      } else {
        content.append(bytes[place])
        place += 1
      }
    }
    guard place < end, let text = String(validating: content, as: UTF8.self) else {
      throw GraphTextFault(
        message: "a string must be UTF-8 and end with '\"' on the same line", range: start..<place)
    }
    place += 1
    return GraphToken(kind: .string(text), range: start..<place)
  }

  /// The UTF-8 of an escape: `\"`, `\\` or `\u{…}`.
  private mutating func escape() throws(GraphTextFault) -> [UInt8] {
    let start = place
    place += 1
    let byte = place < end ? bytes[place] : 0
    place += place < end ? 1 : 0
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return [byte] }
    if byte == UInt8(ascii: "u"), place < end, bytes[place] == UInt8(ascii: "{") {
      place += 1
      let digits = run(from: place) { isDigit($0) || isLetter($0) }
      if place < end, bytes[place] == UInt8(ascii: "}"), let code = UInt32(digits, radix: 16),
        let scalar = UnicodeScalar(code)
      {
        place += 1
        return Array(String(Character(scalar)).utf8)
      }
    }
    throw GraphTextFault(
      message: "an escape must be '\\\"', '\\\\' or '\\u{…}'", range: start..<max(place, start + 1))
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
private func isLetter(_ byte: UInt8) -> Bool {
  (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
private func isSign(_ byte: UInt8) -> Bool { byte == 0x2B || byte == 0x2D }
