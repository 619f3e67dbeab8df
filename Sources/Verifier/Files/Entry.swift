import Enclosure

/// A value of a document with its place.
struct Entry: Sendable {
  /// What the value is.
  enum Content: Sendable {
    /// Text; numbers and words such as `null` are plain, without quotes.
    case scalar(String, isPlain: Bool)
    case list([Entry])
    case mapping([(key: String, value: Entry)])
  }

  /// What the value is.
  let content: Content
  /// Where it begins.
  let place: Refusal.Place

  /// Says that the value breaks the format.
  func malformed(_ message: String) -> Refusal { Refusal(.malformed, message, at: place) }
  /// Says that what the value claims was not verified.
  func refuted(_ message: String) -> Refusal { Refusal(.refuted, message, at: place) }

  /// The values by key.
  var pairs: [(key: String, value: Entry)] {
    get throws(Refusal) {
      guard case .mapping(let pairs) = content else {
        throw malformed("expected a mapping")
      }
      return pairs
    }
  }

  /// The value under a key, nil if it is absent.
  func optional(_ key: String) throws(Refusal) -> Entry? {
    try pairs.first { $0.key == key }?.value
  }

  /// The value under a key.
  func callAsFunction(_ key: String) throws(Refusal) -> Entry {
    guard let value = try optional(key) else { throw malformed("missing key '\(key)'") }
    return value
  }

  /// Refuses keys other than these.
  func require(keys: Set<String>) throws(Refusal) {
    for (key, value) in try pairs where !keys.contains(key) {
      throw value.malformed("unknown key '\(key)'")
    }
  }

  /// The elements of a list.
  var elements: [Entry] {
    get throws(Refusal) {
      guard case .list(let elements) = content else { throw malformed("expected a list") }
      return elements
    }
  }

  /// The elements of a list, or the value alone.
  var oneOrMore: [Entry] { if case .list(let elements) = content { elements } else { [self] } }

  /// An integer, or a list of them.
  var integers: [Int] {
    get throws(Refusal) {
      var integers: [Int] = []
      for element in oneOrMore { integers.append(try element.integer) }
      return integers
    }
  }

  /// A number, or a list of them.
  var numbers: [Double] {
    get throws(Refusal) {
      var numbers: [Double] = []
      for element in oneOrMore { numbers.append(try element.number) }
      return numbers
    }
  }

  /// A text, with or without quotes.
  var string: String {
    get throws(Refusal) {
      guard case .scalar(let text, _) = content else { throw malformed("expected text") }
      return text
    }
  }

  /// Whether the value is a word without quotes.
  func isWord(_ word: String) -> Bool {
    if case .scalar(word, isPlain: true) = content { true } else { false }
  }

  /// `true` or `false`.
  var flag: Bool {
    get throws(Refusal) {
      guard isWord("true") || isWord("false") else {
        throw malformed("expected 'true' or 'false'")
      }
      return isWord("true")
    }
  }

  /// A finite number, the Double nearest to the decimal.
  var number: Double {
    get throws(Refusal) {
      // Double() also takes words and hexadecimal digits.
      guard case .scalar(let text, isPlain: true) = content,
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
        let number = Double(text), number.isFinite
      else { throw malformed("expected a finite number") }
      return number
    }
  }

  /// A finite number of at least 0.
  var magnitude: Double {
    get throws(Refusal) {
      let number = try self.number
      guard number >= 0 else { throw malformed("must be at least 0, found \(number)") }
      return number
    }
  }

  /// A number of at least 0, or `null` for ∞, which claims nothing.
  var bound: UpperBound {
    get throws(Refusal) { isWord("null") ? .infinity : UpperBound(proven: try magnitude) }
  }

  /// An integer.
  var integer: Int {
    get throws(Refusal) {
      guard case .scalar(let text, isPlain: true) = content, let number = Int(text) else {
        throw malformed("expected an integer")
      }
      return number
    }
  }
}
