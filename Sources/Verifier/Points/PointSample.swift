/// Points drawn at random, each at most once.
///
/// A certifier that does not know the seed cannot know which points will be re-evaluated.
public struct PointSample: Sendable {
  /// How many.
  public let count: Int
  /// What they follow from.
  public let seed: UInt64

  /// A sample.
  public init(count: Int, seed: UInt64) { (self.count, self.seed) = (count, seed) }

  /// The places among so many points, in order (Floyd's algorithm).
  func places(of total: Int) -> [Int] {
    guard count < total else { return Array(0..<total) }
    var state = seed
    var found: Set<Int> = []
    for last in total - count..<total {
      let place = Int(Self.next(&state).multipliedFullWidth(by: UInt64(last + 1)).high)
      if !found.insert(place).inserted { found.insert(last) }
    }
    return found.sorted()
  }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private static func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
