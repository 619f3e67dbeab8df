import Diagnostics
import Testing

/// Texts with thousands of faults on one long line.
private let floods = [
  "[" + (0..<20_000).map { "&a\($0) x" }.joined(separator: ",") + "]",
  "[" + String(repeating: "!x a,", count: 20_000) + "]",
  "lmt: 1\nname: a\nnetwork: {input: [2], layers: ["
    + String(repeating: "reluu,", count: 10_000) + "]}",
  "lmt: 1\nname: a\nnetwork: {input: [2], layers: ["
    + String(repeating: "{a: 1, b: 2},", count: 10_000) + "]}",
  "lmt: 1\nname: a\nnetwork: {input: [2], layers: [dense: [\"${a}\","
    + String(repeating: "\"${b}\",", count: 10_000) + "]]}",
]

@Suite struct FaultLimitTests {
  @Test(arguments: floods) func aFloodOfFaultsIsCutAndShownInShort(text: String) {
    let (spec, _, diagnostics) = readSpec(text)
    #expect(spec == nil && diagnostics.hasErrors)
    #expect((50...200).contains(diagnostics.count))
    #expect(DiagnosticText().render(diagnostics).utf8.count < 200 * 800)
  }

  /// A line beyond the limit must not pass unread: it might be the one that fails.
  @Test(arguments: [(1000, false), (1001, true)])
  func noRequirementIsLeftOutInSilence(lines: Int, isTooMany: Bool) {
    let (spec, _, diagnostics) = readSpec(
      "lmt: 1\nname: a\nnetwork: {input: [2], layers: [dense: 2]}\nrequire: ["
        + String(repeating: "parameters < 9,", count: lines) + "]")
    #expect((spec == nil) == isTooMany)
    #expect(diagnostics.map(\.id.description) == (isTooMany ? ["spec.too-large"] : []))
  }
}
