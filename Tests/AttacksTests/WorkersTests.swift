import Testing

@testable import Attacks

/// Work divided among workers, and the directions that it shares.
@Suite struct WorkersTests {
  @Test(arguments: [0, 1, 3, 50])
  func resultsKeepTheOrderOfTheUnits(workers: Int) throws {
    let squares = try Workers.map(units: 20, workers: workers) {
      2
    } _: { power, unit in
      (0..<power).reduce(1) { product, _ in product * unit }
    }
    #expect(squares == (0..<20).map { $0 * $0 })
    let none = try Workers.map(units: 0, workers: workers) {
      0
    } _: { _, unit in
      unit
    }
    #expect(none.isEmpty)
  }

  private struct Fault: Error, Equatable { let unit: Int }

  @Test func theFirstUnitThatFailsIsReported() {
    #expect(throws: Fault(unit: 3)) {
      try Workers.map(units: 20, workers: 4) {
      } _: { _, unit in
        if unit >= 3 { throw Fault(unit: unit) }
        return unit
      }
    }
    #expect(throws: Fault(unit: -1)) {
      try Workers.map(units: 2, workers: 2) {
        throw Fault(unit: -1)
      } _: { (_: Int, unit) in
        unit
      }
    }
  }

  @Test func directionsHaveLengthOneAndDiffer() {
    var directions: Set<[Float]> = []
    for counter in 0..<10 as Range<UInt64> {
      var direction = [Float](repeating: 0, count: 50)
      direction.withUnsafeMutableBufferPointer {
        RandomDirection.fill($0, stream: 7, counter: counter)
      }
      let square = direction.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(square - 1) < 1e-6)
      #expect(direction.contains { $0 < 0 } && direction.contains { $0 > 0 })
      directions.insert(direction)
    }
    #expect(directions.count == 10)
  }
}
