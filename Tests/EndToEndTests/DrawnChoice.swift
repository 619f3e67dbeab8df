import TensorGraph

/// Choices drawn from a seed.
struct DrawnChoice {
  private var random: UInt64

  init(seed: UInt64) { random = CounterRandom.mix(seed) }

  /// A number of a range.
  mutating func next(_ range: ClosedRange<Int>) -> Int {
    random = CounterRandom.mix(random)
    return range.lowerBound + Int(random % UInt64(range.count))
  }

  /// One of several texts.
  mutating func pick(_ choices: [String]) -> String { choices[next(0...choices.count - 1)] }
}
