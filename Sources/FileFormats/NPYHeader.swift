import Diagnostics

/// The header of NumPy's npy format, versions 1 to 3: magic, then a dictionary such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`; the elements follow.
///
/// Reference: NumPy enhancement proposal 1 and the documentation of `numpy.lib.format`.
public struct NPYHeader: Sendable {
  /// What is wrong; the message continues after the array's name.
  public struct Fault: Error {
    /// The rule of a diagnostic's id.
    public let rule: String
    /// The phrase.
    public let message: String

    /// A fault.
    public init(rule: String, message: String) {
      self.rule = rule
      self.message = message
    }
  }

  /// The bytes that an npy array starts with.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Bytes of the longest header that is read.
  private static let limit = 1 << 16

  /// The element type in NumPy's notation.
  public let description: String
  /// Whether the first axis varies fastest.
  public let isFortran: Bool
  /// The extents.
  public let shape: [Int]
  /// The offset of the elements.
  public let start: Int

  /// The header at the start of an array's bytes.
  public static func read(_ source: any ByteSource) throws(Failure) -> Result<NPYHeader, Fault> {
    let fixed = try source.prefix(12)
    guard fixed.starts(with: magic), fixed.count == 12, (1...3).contains(fixed[6]) else {
      return .failure(Fault(rule: "format", message: "is not an npy array of version 1 to 3"))
    }
    let lengthSize = fixed[6] == 1 ? 2 : 4
    let length = fixed[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthSize + length
    guard start <= source.count else {
      return .failure(Fault(rule: "truncated", message: "ends within its npy header"))
    }
    guard length <= limit,
      let header = NPYHeader(try source.bytes(8 + lengthSize..<start)[...], start: start)
    else { return .failure(Fault(rule: "header", message: "has a malformed npy header")) }
    return .success(header)
  }

  /// Reads the three keys, each once and in any order; nil for anything else.
  private init?(_ bytes: ArraySlice<UInt8>, start: Int) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return nil
    }
    var scanner = Scanner(rest: text[...])
    var description: String?
    var isFortran: Bool?
    var shape: [Int]?
    guard scanner.take("{") else { return nil }
    while !scanner.take("}") {
      guard let key = scanner.string(), scanner.take(":") else { return nil }
      switch key {
      case "descr" where description == nil: description = scanner.string()
      case "fortran_order" where isFortran == nil: isFortran = scanner.bool()
      case "shape" where shape == nil: shape = scanner.tuple()
      default: return nil
      }
      guard scanner.take(",") || scanner.peek("}") else { return nil }
    }
    guard scanner.isAtEnd, let description, let isFortran, let shape else { return nil }
    self.description = description
    self.isFortran = isFortran
    self.shape = shape
    self.start = start
  }

  /// A header of version 1, padded with spaces to a multiple of 64 bytes.
  static func bytes(description: String, shape: [Int]) -> [UInt8] {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var text = Array(
      "{'descr': '\(description)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    let length = (text.count + 11 + 63) / 64 * 64 - 10
    text += Array(repeating: 0x20, count: length - 1 - text.count) + [0x0A]
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + text
  }
}

/// Scans the tokens of Python literals.
private struct Scanner {
  var rest: Substring

  var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

  private mutating func skipBlanks() { rest = rest.drop(while: \.isWhitespace) }

  mutating func peek(_ token: String) -> Bool {
    skipBlanks()
    return rest.hasPrefix(token)
  }

  mutating func take(_ token: String) -> Bool {
    guard peek(token) else { return false }
    rest = rest.dropFirst(token.count)
    return true
  }

  mutating func string() -> String? {
    let quote = take("'") ? "'" : take("\"") ? "\"" : nil
    guard let quote, let end = rest.firstIndex(of: Character(quote)) else { return nil }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }

  mutating func bool() -> Bool? {
    take("True") ? true : take("False") ? false : nil
  }

  mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var extents: [Int] = []
    while !take(")") {
      skipBlanks()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let extent = Int(digits), extents.count < 32 else { return nil }
      rest = rest.dropFirst(digits.count)
      extents.append(extent)
      guard take(",") || peek(")") else { return nil }
    }
    return extents
  }
}
