/// A JSON value with the byte offset at which it starts; keys keep their order, numbers their text.
public struct LocatedJSON {
  /// What the value is.
  public indirect enum Content {
    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([LocatedJSON])
    case object([Entry])
  }

  /// A key with its place and its value.
  public struct Entry {
    /// The key.
    public let key: String
    /// Of the key's first byte.
    public let offset: Int
    /// What is under the key.
    public let value: LocatedJSON
  }

  /// Where and why a text is not valid JSON.
  public struct Fault: Error, Equatable {
    /// The first byte that is wrong.
    public let offset: Int
    /// What is wrong there.
    public let message: String
  }

  /// What the value is.
  public let content: Content
  /// Of its first byte.
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
  /// The value under a key of an object.
  public subscript(key: String) -> LocatedJSON? { object?.first { $0.key == key }?.value }
}
