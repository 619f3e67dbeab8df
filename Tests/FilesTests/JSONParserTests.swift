import Testing

@testable import FileFormats

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws(LocatedJSON.Fault) -> LocatedJSON {
    try JSONParser.parse(Array(text.utf8)[...])
  }

  @Test func readsEveryKindOfValue() throws {
    let value = try parse(
      #" {"a": [1, -2.5e+3, true, null], "b": {"c": "\u00e9\ud83d\ude00\n\/"}} "#)
    #expect(value["a"]?.array?.count == 4)
    #expect(value["a"]?.array?[0].integer == 1)
    #expect(value["b"]?["c"]?.string == "é😀\n/")
    #expect(value["b"]?.offset == 38)
  }

  @Test(arguments: [
    ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), ("01", 0), ("1.", 2), ("+1", 0), ("nul", 0),
    ("\"a", 0), ("\"\\x\"", 1), ("\"\\ud800\"", 1), ("\"\u{1}\"", 1), ("{\"a\":1,\"a\":2}", 7),
    ("{a:1}", 1), ("1 1", 2), (String(repeating: "[", count: 100), 64),
  ])
  func rejects(text: String, offset: Int) {
    do throws(LocatedJSON.Fault) {
      _ = try parse(text)
      Issue.record("accepted")
    } catch { #expect(error.offset == offset) }
  }
}
