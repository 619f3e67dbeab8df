/// Reads RFC 8259 strictly: UTF-8, no key twice, at most 16 levels.
struct JSONReader {
  private static let deepest = 16
  private let file: String
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private var line = 1
  private var lineStart: Int

  /// The document that fills the bytes.
  static func read(_ bytes: ArraySlice<UInt8>, file: String) throws(Refusal) -> JSONEntry {
    var reader = JSONReader(
      file: file, bytes: bytes, position: bytes.startIndex, lineStart: bytes.startIndex)
    let value = try reader.value(path: "", depth: 0)
    reader.skipBlanks()
    guard reader.position == bytes.endIndex else {
      throw reader.fault("nothing may follow the document")
    }
    return value
  }

  private init(file: String, bytes: ArraySlice<UInt8>, position: Int, lineStart: Int) {
    (self.file, self.bytes, self.position, self.lineStart) = (file, bytes, position, lineStart)
  }

  private var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private func place(_ path: String) -> Refusal.Place {
    Refusal.Place(file: file, line: line, column: position - lineStart + 1, path: path)
  }

  private func fault(_ message: String) -> Refusal {
    var place = place("")
    place.path = nil
    return Refusal(.malformed, message, at: place)
  }

  private mutating func skipBlanks() {
    while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
      if byte == 0x0A { (line, lineStart) = (line + 1, position) }
    }
  }

  private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard byte == UInt8(ascii: symbol) else { return false }
    position += 1
    return true
  }

  private mutating func value(path: String, depth: Int) throws(Refusal) -> JSONEntry {
    guard depth <= Self.deepest else { throw fault("values may nest \(Self.deepest) deep at most") }
    skipBlanks()
    let place = place(path)
    let content: JSONEntry.Content
    switch byte {
    case UInt8(ascii: "{"): content = .object(try entries(path, depth))
    case UInt8(ascii: "["): content = .array(try elements(path, depth))
    case UInt8(ascii: "\""): content = .string(try string())
    default: content = try plain()
    }
    return JSONEntry(content: content, place: place)
  }

  private mutating func entries(
    _ path: String, _ depth: Int
  ) throws(Refusal) -> [(key: String, value: JSONEntry)] {
    position += 1
    var entries: [(key: String, value: JSONEntry)] = []
    var keys: Set<String> = []
    while !take("}") {
      if !entries.isEmpty, !take(",") { throw fault("',' or '}' must stand here") }
      skipBlanks()
      let key = try string()
      guard keys.insert(key).inserted else { throw fault("the key '\(key)' stands twice") }
      guard take(":") else { throw fault("':' must stand here") }
      let inner = path.isEmpty ? key : path + "." + key
      entries.append((key, try value(path: inner, depth: depth + 1)))
    }
    return entries
  }

  private mutating func elements(_ path: String, _ depth: Int) throws(Refusal) -> [JSONEntry] {
    position += 1
    var elements: [JSONEntry] = []
    while !take("]") {
      if !elements.isEmpty, !take(",") { throw fault("',' or ']' must stand here") }
      elements.append(try value(path: "\(path)[\(elements.count)]", depth: depth + 1))
    }
    return elements
  }

  /// A number, `true`, `false` or `null`.
  private mutating func plain() throws(Refusal) -> JSONEntry.Content {
    let start = position
    while let byte, byte > 0x20, !",]}:\"[{".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default: break
    }
    // Double() also takes words and hexadecimal digits, which JSON does not have.
    guard text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || "+-.eE".utf8.contains($0) }),
      Double(text) != nil
    else {
      position = start
      throw fault("a JSON value must stand here")
    }
    return .number(text)
  }

  /// Text without escapes but those of `"`, `\` and `/`: names and digests need no others.
  private mutating func string() throws(Refusal) -> String {
    guard byte == UInt8(ascii: "\"") else { throw fault("a text must stand here") }
    position += 1
    var content: [UInt8] = []
    while let next = byte, next != UInt8(ascii: "\"") {
      guard next >= 0x20 else { throw fault("control characters must be escaped") }
      position += 1
      guard next == UInt8(ascii: "\\") else {
        content.append(next)
        continue
      }
      guard let escaped = byte, "\"\\/".utf8.contains(escaped) else {
        throw fault("this escape does not occur in certificates")
      }
      content.append(escaped)
      position += 1
    }
    guard byte != nil else { throw fault("the text must be closed") }
    position += 1
    guard let text = String(validating: content, as: UTF8.self) else {
      throw fault("text must be UTF-8")
    }
    return text
  }
}
