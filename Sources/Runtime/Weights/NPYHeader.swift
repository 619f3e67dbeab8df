/// The dictionary in an npy header, `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NPYHeader {
  /// The element type in NumPy's notation.
  let description: String
  /// Whether the first axis varies fastest.
  let isFortran: Bool
  /// The extents.
  let shape: [Int]

  /// Reads the three keys, each once and in any order; nil for anything else.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count <= 1 << 16, let text = String(validating: bytes, as: UTF8.self) else {
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
  }
}

/// Takes tokens of Python literals off a text.
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
