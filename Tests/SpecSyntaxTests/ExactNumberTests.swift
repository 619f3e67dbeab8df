import Testing

@testable import SpecSyntax

@Suite struct ExactNumberTests {
  @Test(
    arguments: [
      ("36/255", "12/85"), ("1e-3", "1/1000"), ("0.1", "1/10"), ("2*3 + 4", "10"),
      ("-(1-3)/4", "1/2"),
      ("0x10", "16"), ("0o17", "15"), (".5", "1/2"), ("5.", "5"), ("+3", "3"), ("--3", "3"),
      ("1/2/2", "1/4"), ("2*sqrt(4/9)", "4/3"), ("sqrt(0)", "0"), ("0e-400", "0"), ("1E+2", "100"),
      ("2 - 3 - 4", "-5"), (" 7 ", "7"), ("sqrt(2.25)", "3/2"),
    ] as [(String, String)]) func evaluatesFractionsExactly(text: String, value: String) throws
  {
    let number = try ExactNumber(text)
    #expect(number.rational?.text == value)
  }

  @Test(
    arguments: [
      ("0.1", 0.1), ("1/3", 1.0 / 3), ("36/255", 36.0 / 255), ("1e300", 1e300),
      ("-1e-300", -1e-300),
      ("9007199254740993", 9_007_199_254_740_992), ("9007199254740995", 9_007_199_254_740_996),
      ("2.2250738585072014e-308", 2.2250738585072014e-308), ("1/255", 1.0 / 255),
      ("1.7976931348623157e308", Double.greatestFiniteMagnitude),
      ("2*sqrt(2)", 2 * 2.0.squareRoot()),
    ] as [(String, Double)]) func roundsCorrectly(text: String, value: Double) throws
  {
    let number = try ExactNumber(text)
    #expect(number.nearest == value)
    #expect(number.lower <= value && value <= number.upper)
    #expect(number.upper <= number.lower.nextUp)
  }

  @Test func roundsAsTheStandardLibraryDoes() throws {
    var state: UInt64 = 1
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(state), exponent = Int(state >> 33 % 560) % 560 - 280
      let text = "\(digits.first!).\(digits.dropFirst())e\(exponent)"
      #expect(try ExactNumber(text).nearest == Double(text))
    }
  }

  @Test(arguments: ["sqrt(2)", "1/sqrt(3)", "-sqrt(5)*sqrt(7)", "sqrt(1e-7)", "sqrt(sqrt(2)+1)-1"])
  func irrationalsAreEnclosedTightly(text: String) throws {
    let number = try ExactNumber(text)
    #expect(number.rational == nil)
    #expect(number.lower.nextUp == number.upper)
    #expect(number.lower == number.nearest || number.upper == number.nearest)
  }

  @Test func theEnclosureOfARootHoldsExactly() throws {
    for radicand in 2...60 {
      let number = try ExactNumber("sqrt(\(radicand))")
      let square = { (x: Double) in
        Rational(Integer(Int(x.significandBitPattern | 1 << 52)).power(2), 1)
      }
      let scale = { (x: Double) in Rational(Integer(1) << (2 * (52 - Int(x.exponent)))) }
      let value = Rational(Integer(radicand))
      #expect(square(number.lower) <= value * scale(number.lower))
      #expect(square(number.upper) >= value * scale(number.upper))
    }
  }

  @Test(
    arguments: [
      ("", 0..<0), ("x", 0..<1), ("1 +", 3..<3), ("1/0", 2..<3), ("1/(2-2)", 2..<7),
      ("1e999999999", 0..<11), ("1e401", 0..<5), ("1e309", 0..<5), ("1e-309", 0..<6), ("(1", 2..<2),
      ("1)", 1..<2), ("1_000", 0..<5), ("1.2.3", 0..<5), ("2x", 0..<2), ("sqrt 2", 5..<6),
      ("sqrt(-1)", 0..<8), (".inf", 0..<4), (".", 0..<1), ("1e", 0..<2), ("0x", 0..<2),
      ("0o8", 0..<3),
      ("1 2", 2..<3), ("1,5", 1..<2), ("é", 0..<2),
    ] as [(String, Range<Int>)]) func faultsPointAtTheirBytes(text: String, range: Range<Int>)
  {
    let fault = #expect(throws: ExactNumber.Fault.self) { try ExactNumber(text) }
    #expect(fault?.range == range)
  }

  @Test(arguments: [
    String(repeating: "9", count: 257), String(repeating: "1e400*", count: 40) + "1",
    String(repeating: "(", count: 250),
  ]) func sizesAreLimited(text: String) {
    #expect(throws: ExactNumber.Fault.self) { try ExactNumber(text) }
  }
}
