import Diagnostics

/// One of N contiguous parts of the test points, which are certified apart.
public struct Shard: Sendable, Hashable {
  /// Which part, from 1.
  public let number: Int
  /// N.
  public let count: Int

  /// A part; nil unless 1 ≤ number ≤ count.
  public init?(_ number: Int, of count: Int) {
    guard 1 <= number, number <= count else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Reads `K/N`; nil if it is not a part.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[0]), let count = Int(parts[1]),
      "\(number)/\(count)" == text
    else { return nil }
    self.init(number, of: count)
  }

  /// `K/N`.
  public var text: String { "\(number)/\(count)" }

  /// The points of the part; parts differ in size by at most 1.
  public func range(of total: Int) -> Range<Int> { bound(number - 1, total)..<bound(number, total) }

  /// ⌊total · number / count⌋.
  private func bound(_ number: Int, _ total: Int) -> Int {
    let product = number.multipliedFullWidth(by: total)
    return count.dividingFullWidth(product).quotient
  }

  /// The section `shard` of a certificate.
  func json(of range: Range<Int>) -> JSONValue {
    [
      "number": .integer(number), "of": .integer(count), "first": .integer(range.lowerBound),
      "points": .integer(range.count),
    ]
  }
}
