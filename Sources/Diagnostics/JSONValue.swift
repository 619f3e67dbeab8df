import OrderedCollections

/// A JSON document that keeps the order of keys, so that equal values print as equal bytes.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without a fraction.
  case integer(Int)
  /// A number; NaN and the infinities, which JSON does not have, print as `null`.
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

  /// The same object with another value under a key.
  public func setting(_ key: String, to value: JSONValue) -> JSONValue {
    guard case .object(var entries) = self else { return self }
    entries[key] = value
    return .object(entries)
  }

  /// A text; nil for anything else.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// A number without a fraction; nil for anything else.
  public var integer: Int? { if case .integer(let integer) = self { integer } else { nil } }

  /// A number; nil for anything else.
  public var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .null, .bool, .string, .array, .object: nil
    }
  }

  /// The elements of a list; nil for anything else.
  public var elements: [JSONValue]? { if case .array(let list) = self { list } else { nil } }
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

extension JSONValue {
  /// The document on one line, `{"a": 1, "b": [2, 3]}`.
  public var text: String {
    var printer = JSONPrinter(indentation: nil)
    printer.print(self)
    return printer.text
  }

  /// The document on several lines, indented by two spaces, with lists of scalars on one line and a
  /// final line break.
  public var prettyText: String {
    var printer = JSONPrinter(indentation: 0)
    printer.print(self)
    return printer.text + "\n"
  }
}

/// Writes JSON: numbers as the shortest text that reads back equal, strings with only the
/// escapes that RFC 8259 requires.
private struct JSONPrinter {
  var text = ""
  /// Depth of the current line; nil prints everything on one line.
  var indentation: Int?

  mutating func print(_ value: JSONValue) {
    switch value {
    case .null: text += "null"
    case .bool(let truth): text += truth ? "true" : "false"
    case .integer(let integer): text += String(integer)
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .string(let string): printString(string)
    case .array(let elements):
      let isFlat = elements.allSatisfy(\.isPlain)
      printList("[", "]", elements, isFlat: isFlat) { $0.print($1) }
    case .object(let entries):
      let isFlat = entries.values.allSatisfy(\.isPlain) && indentation ?? 1 > 1
      printList("{", "}", Array(entries), isFlat: isFlat) { printer, entry in
        printer.printString(entry.key)
        printer.text += ": "
        printer.print(entry.value)
      }
    }
  }

  private mutating func printList<Element>(
    _ open: String, _ close: String, _ elements: [Element], isFlat: Bool,
    _ printElement: (inout JSONPrinter, Element) -> Void
  ) {
    let outer = indentation
    let inner = isFlat || elements.isEmpty ? nil : outer.map { $0 + 1 }
    text += open
    indentation = inner
    for (index, element) in elements.enumerated() {
      if index > 0 { text += inner == nil ? ", " : "," }
      breakLine(inner)
      printElement(&self, element)
    }
    indentation = outer
    if inner != nil { breakLine(outer) }
    text += close
  }

  private mutating func breakLine(_ depth: Int?) {
    if let depth { text += "\n" + String(repeating: "  ", count: depth) }
  }

  private mutating func printString(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue {
  fileprivate var isPlain: Bool {
    switch self {
    case .null, .bool, .integer, .number, .string: true
    case .array(let elements): elements.isEmpty
    case .object(let entries): entries.isEmpty
    }
  }
}
