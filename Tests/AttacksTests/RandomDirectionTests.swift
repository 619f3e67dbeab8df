import Testing

@testable import Attacks

@Suite struct RandomDirectionTests {
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
