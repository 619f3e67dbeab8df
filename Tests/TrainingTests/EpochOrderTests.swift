import Testing

@testable import Training

/// Every sample is visited, in an order that depends on seed and epoch alone.
@Suite struct EpochOrderTests {
  @Test(arguments: [1, 2, 7, 100])
  func anEpochIsAPermutation(count: Int) {
    let order = EpochOrder(count: count, epoch: 3, seed: 5, isShuffled: true)
    #expect(order.indices.sorted() == Array(0..<count))
  }

  @Test func epochsAndSeedsDiffer() {
    func order(_ epoch: Int, _ seed: UInt64) -> [Int] {
      EpochOrder(count: 50, epoch: epoch, seed: seed, isShuffled: true).indices
    }
    #expect(order(0, 1) == order(0, 1))
    #expect(order(0, 1) != order(1, 1))
    #expect(order(0, 1) != order(0, 2))
  }

  @Test func withoutShufflingTheOrderIsTheFiles() {
    let order = EpochOrder(count: 4, epoch: 9, seed: 1, isShuffled: false)
    #expect(order.indices == [0, 1, 2, 3])
  }

  @Test func theLastBatchIsFilledFromTheStart() {
    let order = EpochOrder(count: 5, epoch: 0, seed: 1, isShuffled: false)
    #expect(EpochOrder.steps(count: 5, batch: 2) == 3)
    #expect(order.batch(2, size: 2) == [4, 0])
    #expect(order.batch(0, size: 12) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1])
  }

  /// Each of the 6 orders of 3 samples appears about equally often over epochs.
  @Test func theShuffleIsUniform() {
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<6000 {
      counts[EpochOrder(count: 3, epoch: epoch, seed: 11, isShuffled: true).indices, default: 0] +=
        1
    }
    #expect(counts.count == 6)
    // Six standard deviations of a binomial count with p = 1/6.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 174 })
  }
}
