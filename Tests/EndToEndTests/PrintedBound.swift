/// A bound as it is printed, read back and evaluated at the values printed for its symbols.
///
///     sum     = product ((" + " | " − ") product)*
///     product = power (("·" | "/") power)*
///     power   = atom superscripts
///     atom    = number | "√" digits | "√(" sum ")" | ("min(" | "max(") sum (", " sum)* ")"
///             | "(" sum ")" | "∞" | symbol
///     symbol  = "L" | "‖wᵢ − wⱼ‖" | ("σ" | "K" | "L" | "Q" | "Qᵢⱼ" | "M" | "Mᵢⱼ" | "δᵢⱼ") "(" name ")"
///
/// Parentheses in names are balanced.
struct PrintedBound {
  /// What is wrong with a text.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// What a printed number may stand for.
  struct Interval: Equatable {
    let low: Double
    let high: Double

    init(_ low: Double, _ high: Double) { (self.low, self.high) = (low, high) }
    init(_ exact: Double) { self.init(exact, exact) }

    /// A number with its last digit rounded in either direction; a whole number of an expression is
    /// exact.
    init(printed text: String, isOfExpression: Bool = false) throws(Fault) {
      if text == "∞" || text == "0" {
        self.init(text == "0" ? 0 : .infinity)
        return
      }
      guard let value = Double(text) else { throw Fault(description: "'\(text)' is no number") }
      let parts = text.split(separator: "e")
      let digits = parts[0].split(separator: ".").dropFirst().first?.count ?? 0
      let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - digits
      let isExact = isOfExpression && digits == 0 && parts.count == 1
      let step = isExact ? 0 : Double("1e\(exponent)") ?? .nan
      self.init(value - step, value + step)
    }

    /// Whether both may stand for one number, up to the rounding of the evaluation.
    func agrees(with other: Interval) -> Bool {
      if low == high, low == other.low { return true }
      let room = 1e-9 * max(abs(low), abs(high))
      return low - room <= other.high && other.low <= high + room
    }

    func map(_ other: Interval, _ combine: (Double, Double) -> Double) -> Interval {
      Interval(combine(low, other.low), combine(high, other.high))
    }
  }

  private var rest: Substring
  private let values: (String) throws -> Interval?

  /// The value of a text, all of which must be a bound.
  static func value(
    _ text: String, _ values: @escaping (String) throws -> Interval?
  ) throws -> Interval {
    var reader = PrintedBound(rest: text[...], values: values)
    let value = try reader.sum()
    guard reader.rest.isEmpty else { throw reader.fault("nothing more") }
    return value
  }

  private mutating func sum() throws -> Interval {
    var total = try product()
    while true {
      if skip(" + ") {
        total = total.map(try product(), +)
      } else if skip(" − ") {
        let taken = try product()
        total = Interval(total.low - taken.high, total.high - taken.low)
      } else {
        return total
      }
    }
  }

  private mutating func product() throws -> Interval {
    var total = try power()
    while true {
      if skip("·") {
        total = total.map(try power(), *)
      } else if skip("/") {
        let divisor = try power()
        total = Interval(total.low / divisor.high, total.high / divisor.low)
      } else {
        return total
      }
    }
  }

  private mutating func power() throws -> Interval {
    let base = try atom()
    var exponent = 0
    while let digit = rest.first.flatMap({ Array("⁰¹²³⁴⁵⁶⁷⁸⁹").firstIndex(of: $0) }) {
      rest.removeFirst()
      exponent = 10 * exponent + digit
    }
    return (1..<max(1, exponent)).reduce(base) { power, _ in power.map(base, *) }
  }

  private mutating func atom() throws -> Interval {
    if skip("∞") { return Interval(.infinity) }
    if skip("√") {
      let inner = try skip("(") ? closing(try sum()) : try number()
      return Interval(inner.low.squareRoot(), inner.high.squareRoot())
    }
    if skip("min(") { return try list { $0.map($1, Swift.min) } }
    if skip("max(") { return try list { $0.map($1, Swift.max) } }
    if skip("(") { return try closing(try sum()) }
    if rest.first?.isNumber == true { return try number() }
    return try symbol()
  }

  private mutating func list(_ combine: (Interval, Interval) -> Interval) throws -> Interval {
    var total = try sum()
    while skip(", ") { total = combine(total, try sum()) }
    return try closing(total)
  }

  private mutating func closing(_ value: Interval) throws -> Interval {
    guard skip(")") else { throw fault("')'") }
    return value
  }

  private mutating func number() throws -> Interval {
    let text = rest.prefixMatch(of: /[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?/).map { String($0.0) } ?? ""
    rest.removeFirst(text.count)
    return try Interval(printed: text, isOfExpression: true)
  }

  private mutating func symbol() throws -> Interval {
    let start = rest
    if !skip("‖wᵢ − wⱼ‖") {
      guard let letter = ["σ", "K", "L", "Qᵢⱼ", "Q", "Mᵢⱼ", "M", "δᵢⱼ"].first(where: { skip($0) })
      else {
        throw fault("a symbol")
      }
      if skip("(") {
        var depth = 1
        while depth > 0, let next = rest.popFirst() {
          depth += next == "(" ? 1 : next == ")" ? -1 : 0
        }
      } else if letter != "L" {
        throw fault("'('")
      }
    }
    let name = String(start.dropLast(rest.count))
    guard let value = try values(name) else {
      throw Fault(description: "nothing is printed for '\(name)'")
    }
    return value
  }

  private mutating func skip(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest.removeFirst(text.count)
    return true
  }

  private func fault(_ expected: String) -> Fault {
    Fault(description: "expected \(expected), found '\(rest.prefix(40))'")
  }
}
