import Testing

@testable import Diagnostics

@Suite struct SuggestionTests {
  let names = ["filters", "kernel", "stride", "padding", "bias"]

  @Test(arguments: [
    ("filter", "filters"), ("kernle", "kernel"), ("Stride", "stride"), ("baas", "bias"),
    ("pading", "padding"),
  ])
  func offersTheNearest(word: String, name: String) {
    #expect(Suggestion.nearest(to: word, in: names) == name)
  }

  @Test(arguments: ["", "units", "x", String(repeating: "filters", count: 20)])
  func offersNothingThatIsFar(word: String) {
    #expect(Suggestion.nearest(to: word, in: names) == nil)
  }

  @Test func helpFallsBackToTheList() {
    #expect(Suggestion.help(for: "filtrs", in: names, kind: "keys") == "did you mean 'filters'?")
    #expect(Suggestion.help(for: "q", in: ["a1", "b2"], kind: "keys") == "keys: 'a1', 'b2'")
    #expect(Suggestion.help(for: "q", in: [], kind: "keys") == nil)
  }
}
