/// A value of a JSON document that knows where it stands.
struct JSONEntry: Sendable {
  /// What the value is.
  enum Content: Sendable {
    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([JSONEntry])
    case object([(key: String, value: JSONEntry)])
  }

  /// What the value is.
  let content: Content
  /// Where it begins.
  let place: Refusal.Place

  /// Says that the value breaks the format.
  func malformed(_ message: String) -> Refusal { Refusal(.malformed, message, at: place) }
  /// Says that what the value claims was not verified.
  func refuted(_ message: String) -> Refusal { Refusal(.refuted, message, at: place) }

  /// The value under a key of an object, nil if it is absent.
  func optional(_ key: String) throws(Refusal) -> JSONEntry? {
    guard case .object(let entries) = content else { throw malformed("an object must stand here") }
    return entries.first { $0.key == key }?.value
  }

  /// The value under a key.
  func callAsFunction(_ key: String) throws(Refusal) -> JSONEntry {
    guard let value = try optional(key) else { throw malformed("the key '\(key)' is missing") }
    return value
  }

  /// Refuses keys other than these.
  func require(keys: Set<String>) throws(Refusal) {
    guard case .object(let entries) = content else { throw malformed("an object must stand here") }
    for entry in entries where !keys.contains(entry.key) {
      throw entry.value.malformed("the key '\(entry.key)' is unknown")
    }
  }

  /// The elements of an array.
  var elements: [JSONEntry] {
    get throws(Refusal) {
      guard case .array(let elements) = content else { throw malformed("a list must stand here") }
      return elements
    }
  }

  /// A text.
  var string: String {
    get throws(Refusal) {
      guard case .string(let text) = content else { throw malformed("a text must stand here") }
      return text
    }
  }

  /// A finite number, the Double nearest to the decimal.
  var number: Double {
    get throws(Refusal) {
      guard case .number(let text) = content, let number = Double(text), number.isFinite else {
        throw malformed("a finite number must stand here")
      }
      return number
    }
  }

  /// A finite number of at least 0.
  var magnitude: Double {
    get throws(Refusal) {
      let number = try self.number
      guard number >= 0 else { throw malformed("a number of at least 0 must stand here") }
      return number
    }
  }

  /// An integer.
  var integer: Int {
    get throws(Refusal) {
      guard case .number(let text) = content, let number = Int(text) else {
        throw malformed("an integer must stand here")
      }
      return number
    }
  }
}
