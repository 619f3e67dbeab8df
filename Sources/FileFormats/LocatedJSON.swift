import Diagnostics
import OrderedCollections

/// A JSON value with the byte offset at which it starts; keys keep their order, numbers their text.
public struct LocatedJSON {
  /// What the value is.
  public indirect enum Content {
    case null
    case bool(Bool)
    /// The text as written.
    case number(String)
    case string(String)
    case array([LocatedJSON])
    case object([Entry])
  }

  /// A key with its position and its value.
  public struct Entry {
    /// The key.
    public let key: String
    /// The offset of the key's first byte.
    public let offset: Int
    /// The value of the key.
    public let value: LocatedJSON
  }

  /// Where and why a text is not valid JSON.
  public struct Fault: Error, Equatable {
    /// The offset of the first wrong byte.
    public let offset: Int
    /// What is wrong there.
    public let message: String
  }

  /// What the value is.
  public let content: Content
  /// The offset of its first byte.
  public let offset: Int

  /// The text of a string.
  public var string: String? {
    if case .string(let text) = content { text } else { nil }
  }
  /// A number without fraction or exponent that fits.
  public var integer: Int? {
    if case .number(let text) = content { Int(text) } else { nil }
  }
  /// The elements of an array.
  public var array: [LocatedJSON]? {
    if case .array(let elements) = content { elements } else { nil }
  }
  /// The entries of an object.
  public var object: [Entry]? {
    if case .object(let entries) = content { entries } else { nil }
  }
  /// The value without offsets; numbers are integers if they are written as such and fit, else the nearest
  /// Double.
  public var value: JSONValue {
    switch content {
    case .null: .null
    case .bool(let truth): .bool(truth)
    case .number(let text): Int(text).map { .integer($0) } ?? .number(Double(text) ?? .infinity)
    case .string(let text): .string(text)
    case .array(let elements): .array(elements.map(\.value))
    case .object(let entries):
      .object(.init(uniqueKeysWithValues: entries.map { ($0.key, $0.value.value) }))
    }
  }

  /// The value under a key of an object.
  public subscript(key: String) -> LocatedJSON? { object?.first { $0.key == key }?.value }
}

/// A strict parser of RFC 8259: UTF-8, no duplicate keys, only white space after the value.
///
/// Foundation's decoder reports no byte offsets and accepts duplicate keys. Cost: O(bytes) and O(keys) hashing; nesting is limited to 64.
public struct JSONParser {
  private static let depthLimit = 64
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var depth = 0

  /// The value that fills a slice; offsets are the slice's indices.
  public static func parse(_ bytes: ArraySlice<UInt8>) throws(LocatedJSON.Fault) -> LocatedJSON {
    var parser = JSONParser(bytes: bytes, position: bytes.startIndex)
    let value = try parser.value()
    parser.skipBlanks()
    guard parser.position == bytes.endIndex else {
      throw parser.fault("unexpected text after the JSON value")
    }
    return value
  }

  private var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private func fault(_ message: String, at offset: Int? = nil) -> LocatedJSON.Fault {
    LocatedJSON.Fault(offset: offset ?? position, message: message)
  }

  private mutating func skipBlanks() {
    while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func expect(_ symbol: Unicode.Scalar) throws(LocatedJSON.Fault) {
    guard byte == UInt8(ascii: symbol) else { throw fault("expected '\(symbol)'") }
    position += 1
  }

  private mutating func value() throws(LocatedJSON.Fault) -> LocatedJSON {
    skipBlanks()
    let start = position
    let content: LocatedJSON.Content
    switch byte {
    case UInt8(ascii: "{"): content = .object(try entries())
    case UInt8(ascii: "["): content = .array(try elements())
    case UInt8(ascii: "\""): content = .string(try string())
    case UInt8(ascii: "t"): content = try word("true", .bool(true))
    case UInt8(ascii: "f"): content = try word("false", .bool(false))
    case UInt8(ascii: "n"): content = try word("null", .null)
    default: content = .number(try number())
    }
    return LocatedJSON(content: content, offset: start)
  }

  private mutating func descend() throws(LocatedJSON.Fault) {
    depth += 1
    guard depth <= Self.depthLimit else {
      throw fault("JSON may be nested at most \(Self.depthLimit) levels deep")
    }
    position += 1
    skipBlanks()
  }

  private mutating func elements() throws(LocatedJSON.Fault) -> [LocatedJSON] {
    try descend()
    var elements: [LocatedJSON] = []
    while byte != UInt8(ascii: "]") {
      if !elements.isEmpty { try expect(",") }
      elements.append(try value())
      skipBlanks()
    }
    position += 1
    depth -= 1
    return elements
  }

  private mutating func entries() throws(LocatedJSON.Fault) -> [LocatedJSON.Entry] {
    try descend()
    var entries: [LocatedJSON.Entry] = []
    var keys: Set<String> = []
    while byte != UInt8(ascii: "}") {
      if !entries.isEmpty {
        try expect(",")
        skipBlanks()
      }
      let offset = position
      let key = try string()
      guard keys.insert(key).inserted else {
        throw fault("duplicate key '\(key)'", at: offset)
      }
      skipBlanks()
      try expect(":")
      entries.append(LocatedJSON.Entry(key: key, offset: offset, value: try value()))
      skipBlanks()
    }
    position += 1
    depth -= 1
    return entries
  }

  private mutating func word(
    _ word: String, _ content: LocatedJSON.Content
  ) throws(LocatedJSON.Fault) -> LocatedJSON.Content {
    guard bytes[position...].starts(with: word.utf8) else {
      throw fault("expected a JSON value")
    }
    position += word.utf8.count
    return content
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func number() throws(LocatedJSON.Fault) -> String {
    let start = position
    if byte == UInt8(ascii: "-") { position += 1 }
    let leading = byte
    let whole = digits()
    guard whole == 1 || whole > 1 && leading != UInt8(ascii: "0") else {
      throw fault("expected a JSON value", at: start)
    }
    if byte == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw fault("expected digits after the decimal point") }
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw fault("expected digits in the exponent") }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func string() throws(LocatedJSON.Fault) -> String {
    let start = position
    try expect("\"")
    var content: [UInt8] = []
    while let next = byte, next != UInt8(ascii: "\"") {
      guard next >= 0x20 else { throw fault("control characters must be escaped") }
      position += 1
      if next == UInt8(ascii: "\\") {
        content.append(contentsOf: String(try escape()).utf8)
      } else {
        content.append(next)
      }
    }
    guard byte != nil else { throw fault("unterminated string", at: start) }
    position += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      throw fault("strings must be UTF-8", at: start)
    }
    return text
  }

  private mutating func escape() throws(LocatedJSON.Fault) -> Unicode.Scalar {
    let start = position - 1
    guard let symbol = byte else { throw fault("unterminated string", at: start) }
    position += 1
    switch symbol {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(symbol)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape(start)
    default: throw fault("unknown escape sequence", at: start)
    }
  }

  /// Four hexadecimal digits, or two groups of four that form a surrogate pair.
  private mutating func unicodeEscape(_ start: Int) throws(LocatedJSON.Fault) -> Unicode.Scalar {
    let high = try hexadecimal(start)
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, bytes[position...].starts(with: "\\u".utf8) else {
      throw fault("unpaired surrogate in an escape sequence", at: start)
    }
    position += 2
    let low = try hexadecimal(start)
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw fault("unpaired surrogate in an escape sequence", at: start) }
    return scalar
  }

  private mutating func hexadecimal(_ start: Int) throws(LocatedJSON.Fault) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      digits.first != UInt8(ascii: "+")
    else { throw fault("expected four hexadecimal digits after '\\u'", at: start) }
    position += 4
    return value
  }
}
