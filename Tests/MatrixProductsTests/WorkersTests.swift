import MatrixProducts
import Testing

/// Work divided among workers.
@Suite struct WorkersTests {
  @Test(arguments: [0, 1, 3, 50])
  func resultsKeepTheOrderOfTheUnits(workers: Int) throws {
    let squares = try Workers(workers).map(20) {
      2
    } _: { power, unit in
      (0..<power).reduce(1) { product, _ in product * unit }
    }
    #expect(squares == (0..<20).map { $0 * $0 })
    let none = try Workers(workers).map(0) {
      0
    } _: { _, unit in
      unit
    }
    #expect(none.isEmpty)
  }

  private struct Fault: Error, Equatable { let unit: Int }

  @Test func theFirstUnitThatFailsIsReported() {
    #expect(throws: Fault(unit: 3)) {
      try Workers(4).map(20) {
      } _: { _, unit in
        if unit >= 3 { throw Fault(unit: unit) }
        return unit
      }
    }
    #expect(throws: Fault(unit: -1)) {
      try Workers(2).map(2) {
        throw Fault(unit: -1)
      } _: { (_: Int, unit) in
        unit
      }
    }
  }
}
