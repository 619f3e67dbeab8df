import Testing

@testable import Diagnostics

@Suite struct JSONValueTests {
  @Test func keepsTheOrderOfKeys() {
    let value: JSONValue = ["b": 1, "a": [1.5, true, nil, "x"], "c": [:]]
    #expect(value.text == #"{"b": 1, "a": [1.5, true, null, "x"], "c": {}}"#)
  }

  @Test(arguments: [0.1, 1e-5, 1.0, 1e300, 5e-324, -0.0, 1.0 / 3, 123_456_789.125])
  func numbersReadBackEqual(number: Double) {
    #expect(Double(JSONValue.number(number).text) == number)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func whatJSONLacksIsNull(number: Double) {
    #expect(JSONValue.number(number).text == "null")
  }

  @Test func escapes() {
    #expect(JSONValue.string("a\"\\\n\t\u{1}é").text == #""a\"\\\n\t\u0001é""#)
  }

  @Test func prettyTextPutsOuterEntriesOnLines() {
    let value: JSONValue = ["a": [1, 2], "b": [["x": 1, "y": 2]], "c": []]
    #expect(
      value.prettyText == """
        {
          "a": [1, 2],
          "b": [
            {"x": 1, "y": 2}
          ],
          "c": []
        }

        """)
  }
}
