/// A layer whose elements are maxima or minima of disjoint groups, by comparisons of two elements each.
struct Comparisons: Sendable {
  /// Pairs that are compared one round after another: the larger goes to the first place, the smaller to the second.
  let rounds: [[(Int, Int)]]
  /// The places of the output's elements.
  let outputs: [Int]

  /// The larger and the smaller of each pair in their places, among `count` elements.
  init(sorting pairs: [[Int32]], count: Int) {
    rounds = [pairs.map { (Int($0[0]), Int($0[1])) }]
    outputs = Array(0..<count)
  }

  /// The largest element of each group: neighbors are compared first, then the winners.
  init(maximaOf groups: [[Int32]]) {
    var (rounds, distance) = ([[(Int, Int)]](), 1)
    let longest = groups.reduce(0) { max($0, $1.count) }
    while distance < longest {
      rounds.append(
        groups.flatMap { group in
          stride(from: 0, to: group.count - distance, by: 2 * distance).map {
            (Int(group[$0]), Int(group[$0 + distance]))
          }
        })
      distance *= 2
    }
    self.rounds = rounds
    outputs = groups.map { Int($0[0]) }
  }
}
