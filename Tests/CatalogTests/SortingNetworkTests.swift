import Testing

@testable import Catalog

/// Batcher's network against every input of zeros and ones, which suffice (Knuth, 5.3.4, theorem Z).
struct SortingNetworkTests {
  @Test(arguments: 1...12)
  func zerosAndOnesAreSorted(_ count: Int) {
    let comparators = GroupSortLayer.comparators(count)
    for pattern in 0..<1 << count {
      var bits = (0..<count).map { pattern >> $0 & 1 }
      for (i, j) in comparators where bits[i] < bits[j] { bits.swapAt(i, j) }
      #expect(bits == bits.sorted(by: >))
    }
  }

  @Test func comparatorsAreFew() {
    #expect([2, 4, 8, 16, 64].map { GroupSortLayer.comparators($0).count } == [1, 5, 19, 63, 543])
  }
}
