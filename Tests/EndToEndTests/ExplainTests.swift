import Foundation
import Manual
import Testing

/// `lmtc explain` as people and scripts see it.
@Suite struct ExplainTests {
  private func explain(_ arguments: [String]) throws -> LMTCProcess.Outcome {
    let place = try Workplace()
    return try LMTCProcess(["explain"] + arguments, in: place.folder).outcome()
  }

  @Test(arguments: [
    (
      ["conv2d"],
      ["conv2d: layer", "- Bound: ", "filters: integer, at least 1", "default `1`", "- conv2d: {"]
    ),
    (
      ["cholesky"],
      ["cholesky: bound method", "factorization", "- Theorem: ", "`bound: cholesky`"]
    ),
    (["pgd"], ["pgd: attack", "attacks: [{pgd: "]),
    (["liplt"], ["liplt: composition", "LipLT"]),
    (["closed", "form"], ["closed-form: bound method"]),
    (["lmt"], ["lmt: loss", "loss: {lmt: "]),
    (["csv"], ["csv: data format", "separator: "]),
    (["attention"], ["attention: refused layer", "multiplies its input with itself"]),
    (
      ["spec.unknown-key"],
      ["- Cause: ", "- Remedy: ", "exit code 1", "error[spec.unknown-key]: ", "| ", "^~"]
    ),
  ]) func printsAPage(id: [String], mentions: [String]) throws {
    let outcome = try explain(id)
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for mention in mentions { #expect(outcome.output.contains(mention), "\(outcome.output)") }
    #expect(!outcome.output.contains("\u{1B}"))
    let text = outcome.output.components(separatedBy: "\nexample")
    #expect(text[0].split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func listsEveryIdByKind() throws {
    let outcome = try explain([])
    #expect(outcome.code == 0)
    let words = Set(outcome.output.split { $0 == " " || $0 == "\n" || $0 == "," })
    for topic in Manual.topics { #expect(words.contains(Substring(topic.id)), "\(topic.id)") }
    for kind in Topic.Kind.allCases { #expect(outcome.output.contains("\(kind.rawValue)\n  ")) }
  }

  @Test func pagesAreData() throws {
    let page = try #require(
      try JSONSerialization.jsonObject(with: Data(explain(["dense", "--json"]).output.utf8))
        as? [String: Any])
    let topic = try #require((page["topics"] as? [[String: Any]])?.first)
    #expect(topic["kind"] as? String == "layer")
    let units = try #require((topic["keys"] as? [[String: Any]])?.first)
    #expect(units["name"] as? String == "units" && units["main"] as? Bool == true)
  }

  @Test func anUnknownIdIsWrongUsage() throws {
    let outcome = try explain(["conv2"])
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("[usage.unknown-topic]"))
    #expect(outcome.errors.contains("did you mean 'conv2d'"))
    let json = try explain(["conv2", "--json"])
    #expect(json.code == 64 && json.errors.isEmpty)
    #expect(json.output.contains("usage.unknown-topic"))
    #expect(try explain(["zzzzzz"]).errors.contains("'lmtc explain' lists all ids"))
  }

  @Test func headingsAreBoldWhereAsked() throws {
    let output = try explain(["relu", "--color", "always"]).output
    #expect(output.hasPrefix("\u{1B}[1mrelu\u{1B}[0m: "))
  }
}
