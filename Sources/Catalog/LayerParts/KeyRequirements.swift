import ModelIR

extension SpecKey<Int>.Requirement {
  /// A number of channels or groups.
  static let channels = Self("at least 1 and at most 2^20") { (1...(1 << 20)).contains($0) }
  /// A positive extent that products of a few cannot overflow.
  static let extent = Self("at least 1 and at most 32768") { (1...32768).contains($0) }
}
