import OrderedCollections

/// A JSON document whose keys keep their order, so that equal values print equal bytes.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// A number; NaN and the infinities, which JSON lacks, print as `null`.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Keys and values in order.
  case object(OrderedDictionary<String, JSONValue>)

  /// The value, or `null` for nil.
  public static func optional(_ number: Double?) -> JSONValue {
    number.map { .number($0) } ?? .null
  }
  /// The text, or `null` for nil.
  public static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  /// The number, or `null` for nil.
  public static func optional(_ integer: Int?) -> JSONValue {
    integer.map { .integer($0) } ?? .null
  }

  /// The value under a key of an object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let entries) = self { entries[key] } else { nil }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral text: String) { self = .string(text) }
  /// An integer.
  public init(integerLiteral integer: Int) { self = .integer(integer) }
  /// A number.
  public init(floatLiteral number: Double) { self = .number(number) }
  /// A truth value.
  public init(booleanLiteral truth: Bool) { self = .bool(truth) }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; a key given twice keeps its last value.
  public init(dictionaryLiteral entries: (String, JSONValue)...) {
    self = .object(OrderedDictionary(entries, uniquingKeysWith: { $1 }))
  }
}
