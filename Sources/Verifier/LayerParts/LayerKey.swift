/// A key of a kind of layer with the values that it may have.
struct LayerKey: Sendable {
  enum Domain: Sendable {
    case flag
    case word(Set<String>)
    /// Any text: the key does not change what is computed.
    case text
    /// Any text or entry: likewise.
    case entry
    case integer(ClosedRange<Int>)
    /// One integer or a list of some length, or a word instead.
    case integers(ClosedRange<Int>, counts: Set<Int>, word: String? = nil)
    case number(ClosedRange<Double>)
    /// A number that is stored as float32: 0 or a normal one.
    case float32(ClosedRange<Double>)
    /// One number or a list of them.
    case numbers(ClosedRange<Double>)
  }

  let name: String
  let domain: Domain

  init(_ name: String, _ domain: Domain) { (self.name, self.domain) = (name, domain) }

  /// Extents of windows and steps between them.
  static let extents = 1...32768
  /// Rows, columns and lengths that are added or left out.
  static let amounts = 0...32768
  static let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude

  /// How a parameter is initialized and which method bounds it: neither changes what is computed.
  static let training = [LayerKey("init", .text), LayerKey("bound", .text)]
  /// How a weight is formed in training, besides: what is stored is the weight.
  static let formed = training + [LayerKey("parametrization", .entry)]

  /// Refuses a value that the key may not have.
  func check(_ value: Entry) throws(Refusal) {
    guard try isValid(value) else {
      throw value.malformed("'\(name)' must be \(expectation)")
    }
  }

  private func isValid(_ value: Entry) throws(Refusal) -> Bool {
    switch domain {
    case .flag:
      return value.isWord("true") || value.isWord("false")
    case .word(let words): return words.contains(try value.string)
    case .text:
      _ = try value.string
      return true
    case .entry: return true
    case .integer(let range): return range.contains(try value.integer)
    case .integers(let range, let counts, let word):
      if let word, value.isWord(word) { return true }
      if case .list(let elements) = value.content, !counts.contains(elements.count) {
        return false
      }
      return try value.integers.allSatisfy(range.contains)
    case .number(let range): return range.contains(try value.number)
    case .float32(let range): return Self.isStored(try value.number, in: range)
    case .numbers(let range):
      let numbers = try value.numbers
      return !numbers.isEmpty && numbers.allSatisfy(range.contains)
    }
  }

  private static func isStored(_ number: Double, in range: ClosedRange<Double>) -> Bool {
    let stored = Float(number)
    return (number == 0 || stored.isNormal) && range.contains(Double(stored))
  }

  private var expectation: String {
    switch domain {
    case .flag: "'true' or 'false'"
    case .word(let words): "one of \(words.sorted().joined(separator: ", "))"
    case .text: "text"
    case .entry: "text or an entry"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .integers(let range, let counts, let word):
      "an integer from \(range.lowerBound) to \(range.upperBound), or a list of "
        + counts.sorted().map(String.init).joined(separator: " or ")
        + (word.map { ", or '\($0)'" } ?? "")
    case .number(let range): "from \(range.lowerBound) to \(range.upperBound)"
    case .float32(let range):
      "a float32 number from \(range.lowerBound) to \(range.upperBound)"
    case .numbers(let range):
      "one or more numbers from \(range.lowerBound) to \(range.upperBound)"
    }
  }
}

extension Double {
  /// Whether the number, which is a float32, is a normal one.
  var isFloat32Normal: Bool { Float(self).isNormal }
}
