/// A JSON value with the byte offset at which it starts; keys keep their order, numbers their text.
struct LocatedJSON {
  /// What the value is.
  indirect enum Content {
    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([LocatedJSON])
    case object([Entry])
  }

  /// A key with its place and its value.
  struct Entry {
    let key: String
    let offset: Int
    let value: LocatedJSON
  }

  /// Where and why a text is no JSON.
  struct Fault: Error, Equatable {
    let offset: Int
    let message: String
  }

  /// What the value is.
  let content: Content
  /// Of its first byte.
  let offset: Int

  /// The text of a string.
  var string: String? {
    if case .string(let text) = content { text } else { nil }
  }
  /// A number without fraction or exponent that fits.
  var integer: Int? {
    if case .number(let text) = content { Int(text) } else { nil }
  }
  /// The elements of an array.
  var array: [LocatedJSON]? {
    if case .array(let elements) = content { elements } else { nil }
  }
  /// The entries of an object.
  var object: [Entry]? {
    if case .object(let entries) = content { entries } else { nil }
  }
  /// The value under a key of an object.
  subscript(key: String) -> LocatedJSON? { object?.first { $0.key == key }?.value }
}
