import ModelIR

extension SpecKey<Int>.Requirement {
  /// A number of channels or groups.
  static let channels = Self("at least 1 and at most 2^20") { (1...(1 << 20)).contains($0) }
  /// A positive extent that products of a few cannot overflow.
  static let extent = Self("at least 1 and at most 32768") { (1...32768).contains($0) }
}

extension SpecKey<PairValue>.Requirement {
  /// Not negative, and small enough that sums with an extent cannot overflow.
  static let amounts = Self("at least 0 and at most 32768") {
    $0.array.allSatisfy { (0...32768).contains($0) }
  }
}
