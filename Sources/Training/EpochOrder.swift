import TensorGraph

/// The order in which an epoch visits the samples: a permutation that depends only on the seed and the
/// epoch.
struct EpochOrder {
  /// Sample indices, a permutation.
  let indices: [Int]

  /// A Fisher–Yates shuffle of `0..<count`, or that order itself if nothing is shuffled.
  init(count: Int, epoch: Int, seed: UInt64, isShuffled: Bool) {
    var order = Array(0..<count)
    if isShuffled {
      let stream = CounterRandom.stream(seed: seed, "shuffle")
      for last in stride(from: count - 1, to: 0, by: -1) {
        let bits = CounterRandom.bits(
          stream: stream, counter: UInt64(bitPattern: Int64(epoch)), index: UInt64(last))
        order.swapAt(last, Int(bits.multipliedFullWidth(by: UInt64(last + 1)).high))
      }
    }
    indices = order
  }

  /// The number of steps for a batch size.
  static func steps(count: Int, batch: Int) -> Int { (count + batch - 1) / batch }

  /// The samples of a step; the last batch is filled up from the start of the order.
  func batch(_ step: Int, size: Int) -> [Int] {
    (step * size..<(step + 1) * size).map { indices[$0 % indices.count] }
  }
}
