import Enclosure
import TensorGraph
import Testing

@Suite struct AccumulatedErrorTests {
  @Test(arguments: [-1060, -600, -300, 0, 300, 900, 1010])
  func normsAreEnclosedAtEveryScale(_ exponent: Int) {
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let elements = (0..<500).map { index in
      (CounterRandom.uniform(stream: 3, counter: 0, index: UInt64(index)) - 0.5) * scale
    }
    let (lower, upper) = AccumulatedError.euclideanNorm(elements)
    var sum = Float80(0)
    for element in elements { sum += Float80(element) * Float80(element) }
    let exact = sum.squareRoot()
    #expect(Float80(lower.value) <= exact)
    #expect(Float80(upper.value) >= exact)
    #expect(upper.value <= lower.value * (1 + 1e-12) + 0x1p-1070)
  }

  @Test func edgesOfTheNorm() {
    #expect(AccumulatedError.euclideanNorm([]).upper == .zero)
    #expect(AccumulatedError.euclideanNorm([0, -0.0]).upper == .zero)
    #expect(AccumulatedError.euclideanNorm([1, .nan]).upper == .infinity)
    #expect(AccumulatedError.euclideanNorm([1, .infinity]).upper == .infinity)
    #expect(AccumulatedError.euclideanNorm([0x1p-1074]).upper.value >= 0x1p-1074)
    #expect(AccumulatedError.euclideanNorm([0x1p-1074]).lower.value <= 0x1p-1074)
    let mixed = AccumulatedError.euclideanNorm([1e300, 1e-300])
    #expect(mixed.lower.value <= 1e300 && mixed.upper.value >= 1e300)
    let largest = AccumulatedError.euclideanNorm([.greatestFiniteMagnitude, 1e308])
    #expect(largest.upper == .infinity && largest.lower.value >= 1e308)
  }

  @Test func gammaGrowsAndEnds() {
    #expect(AccumulatedError.gamma(0) == .zero)
    #expect(AccumulatedError.gamma(10).value > 10 * 0x1p-53)
    #expect(AccumulatedError.gamma(1 << 52) == .infinity)
  }
}
