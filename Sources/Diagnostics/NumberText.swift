import Glibc

/// Numbers for people; files and JSON print the shortest text that parses back exactly instead.
public enum NumberText {
  /// Direction of the last printed digit.
  public enum Rounding: Sendable {
    case nearest, up, down
  }

  /// Four significant digits, rounded so that a bound stays a bound.
  public static func significant(_ number: Double, _ rounding: Rounding = .nearest) -> String {
    guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-∞" : "∞" }
    guard number != 0 else { return "0" }
    let exponent = Int(log10(abs(number)).rounded(.down))
    guard (-4..<6).contains(exponent) else { return scientific(number, rounding) }
    return fixed(number, digits: max(0, 3 - exponent), rounding)
  }

  /// A fixed number of digits after the point.
  public static func fixed(
    _ number: Double, digits: Int, _ rounding: Rounding = .nearest
  ) -> String {
    guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-∞" : "∞" }
    let text = formatted("%.\(digits)f", number)
    guard let printed = Double(text), let step = Double("1e-\(digits)") else { return text }
    switch rounding {
    case .nearest: return text
    case .up: return printed >= number ? text : formatted("%.\(digits)f", printed + step)
    case .down: return printed <= number ? text : formatted("%.\(digits)f", printed - step)
    }
  }

  /// A share as a percentage with one digit.
  ///
  /// A share of fewer than 10⁷ points is off its exact value by less than the room, so that one that has only
  /// one digit is printed as it is, in whatever direction.
  public static func percent(_ share: Double, _ rounding: Rounding = .nearest) -> String {
    let room = 1e-9
    switch rounding {
    case .nearest: return fixed(share * 100, digits: 1) + "%"
    case .up: return fixed((share * 1000 - room).rounded(.up) / 10, digits: 1) + "%"
    case .down: return fixed((share * 1000 + room).rounded(.down) / 10, digits: 1) + "%"
    }
  }

  /// count/total as a percentage with one digit, rounded down; exact, since it stays in integers.
  public static func percentDown(_ count: Int, of total: Int) -> String {
    let tenths = total > 0 ? count * 1000 / total : 0
    return "\(tenths / 10).\(tenths % 10)%"
  }

  /// An integer in groups of three digits: 166,406.
  public static func grouped(_ number: Int) -> String {
    var digits = String(abs(number))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  private static func scientific(_ number: Double, _ rounding: Rounding) -> String {
    let text = formatted("%.3e", number)
    guard let printed = Double(text) else { return text }
    let ulp = pow(10, log10(abs(printed)).rounded(.down) - 3)
    switch rounding {
    case .nearest: return text
    case .up: return printed >= number ? text : formatted("%.3e", printed + ulp)
    case .down: return printed <= number ? text : formatted("%.3e", printed - ulp)
    }
  }

  private static func formatted(_ format: String, _ number: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(max(0, length))).map { UInt8($0) }, as: UTF8.self)
  }
}
