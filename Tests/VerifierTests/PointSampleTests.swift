import SpecSyntax
import Testing

@testable import Verifier

/// Which points are drawn, and numbers as specs write them.
@Suite struct PointSampleTests {
  @Test func pointsAreDrawnOnceAndFromAllPlaces() {
    var seen: Set<Int> = []
    for seed in 0..<200 as Range<UInt64> {
      let places = PointSample(count: 5, seed: seed).places(of: 40)
      #expect(places.count == 5 && places == Set(places).sorted())
      #expect(places == PointSample(count: 5, seed: seed).places(of: 40))
      seen.formUnion(places)
    }
    #expect(seen == Set(0..<40))
    #expect(PointSample(count: 50, seed: 1).places(of: 40) == Array(0..<40))
  }

  @Test(arguments: [
    "0.1", "1/4", "36/255", "2*sqrt(2)", "1e-3", "0x10", "0o17", "(1 + 2)*3 - 4", "sqrt(2)/10",
    "1.58",
    "-(1 - 3)", "5", "1 / 3 / 7",
  ])
  func numbersAreEnclosed(_ text: String) throws {
    let exact = try ExactNumber(text)
    let bounds = try #require(ExactText.bounds(text))
    #expect(bounds.low <= exact.lower && exact.upper <= bounds.high)
    #expect(bounds.high - bounds.low <= 1e-13 * bounds.high)
  }

  @Test(arguments: [
    "", "1/0", "sqrt(-1)", "one", "1 2", "(1", "1)", "inf", "nan", "-1", "0x", "1e999",
  ])
  func otherTextsAreNoNumbers(_ text: String) {
    #expect(ExactText.bounds(text) == nil)
  }
}
