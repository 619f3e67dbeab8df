import TensorGraph
import Testing

@testable import StableHLO

@Suite struct MLIRTextTests {
  @Test(arguments: [
    (Float(0), "0.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e-45, "1.0e-45"), (1e30, "1.0e+30"),
    (-2.5e-7, "-2.5e-07"), (16_777_216, "16777216.0"), (.infinity, "0x7F800000"),
    (-.infinity, "0xFF800000"), (.nan, "0x7FC00000"),
  ])
  func numbersAreShort(number: Float, text: String) {
    #expect(StableHLO.number(number) == text)
  }

  /// MLIR reads a decimal number as Double and rounds it to float32.
  @Test func numbersAreExact() throws {
    for index in 0..<3_000 as Range<UInt64> {
      let word = UInt32(truncatingIfNeeded: CounterRandom.bits(stream: 3, counter: 0, index: index))
      let number = Float(bitPattern: word)
      guard number.isFinite else { continue }
      let text = StableHLO.number(number)
      if text.hasPrefix("0x") {
        #expect(UInt32(text.dropFirst(2), radix: 16) == word)
      } else {
        #expect(Float(try #require(Double(text))).bitPattern == word)
        #expect(text.wholeMatch(of: /-?[0-9]+\.[0-9]+(e[+\-]?[0-9]+)?/) != nil, "\(text)")
      }
    }
  }

  @Test func constantsAreListsOrBytes() {
    #expect(elements([1, 2, 3, 4], [2, 2]) == "<[[1.0, 2.0], [3.0, 4.0]]>")
    #expect(elements([7], []) == "<7.0>")
    #expect(elements([], [0, 3]) == "<>")
    let many = elements([1] + [Float](repeating: -2, count: 64), [65])
    #expect(many.hasPrefix("<\"0x0000803F000000C0000000C0") && many.hasSuffix("C0\">"))
  }
}
