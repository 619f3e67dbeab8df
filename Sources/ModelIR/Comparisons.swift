/// A layer that is made of comparisons of two elements: MaxMin, sorted groups, maxout, maxima of disjoint windows.
///
/// Each comparison puts the larger of two elements in the place of the first and the smaller in that of the
/// second; the layer's output is a selection of places after all of them. With u = max(0, a − b) the larger is
/// b + u and the smaller a − u, so a comparison is a rectifier between linear maps.
public struct Comparisons: Hashable, Sendable {
  /// A comparison of two elements of the flattened input.
  public struct Pair: Hashable, Sendable {
    /// Gets the larger.
    public let first: Int
    /// Gets the smaller.
    public let second: Int
    /// States a comparison.
    public init(_ first: Int, _ second: Int) { (self.first, self.second) = (first, second) }
  }

  /// Comparisons that use no element twice, in layers that follow one another.
  public let rounds: [[Pair]]
  /// The places of the output's elements, none of them twice.
  public let outputs: [Int]

  /// Comparisons of groups of elements, each group by the same ones.
  ///
  /// - Parameters:
  ///   - groups: disjoint, with equal or different numbers of members.
  ///   - comparators: the comparisons of a group with so many members, by place in the group.
  ///   - outputs: places of the flattened input.
  public init(
    groups: [[Int]], outputs: [Int], _ comparators: (Int) -> [(Int, Int)]
  ) {
    var rounds: [[Pair]] = []
    for members in groups {
      var next = Array(repeating: 0, count: members.count)
      for (i, j) in comparators(members.count) {
        let round = max(next[i], next[j])
        if round == rounds.count { rounds.append([]) }
        rounds[round].append(Pair(members[i], members[j]))
        (next[i], next[j]) = (round + 1, round + 1)
      }
    }
    (self.rounds, self.outputs) = (rounds, outputs)
  }

  /// Comparisons that bring the largest of n elements to the first place, as few rounds as possible.
  public static func maximum(of count: Int) -> [(Int, Int)] {
    var found: [(Int, Int)] = []
    var distance = 1
    while distance < count {
      for i in stride(from: 0, to: count - distance, by: 2 * distance) {
        found.append((i, i + distance))
      }
      distance *= 2
    }
    return found
  }

  /// The number of comparisons.
  public var count: Int { rounds.reduce(0) { $0 + $1.count } }
}
