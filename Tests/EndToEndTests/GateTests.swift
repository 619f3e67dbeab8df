import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A gate looks at what a run has reached, and at what it reached before.
@Suite struct GateTests {
  private static func place() throws -> Workplace {
    let place = try Workplace()
    for (run, require) in [("run", "certified_accuracy(0.1) >= 0"), ("bad", "lipschitz <= 1e-9")] {
      let outcome = try place.lmtc(
        "run", "spec.yaml", "--out", run, "--quiet", "--set", "require=[\(require)]")
      #expect(outcome.code == (run == "run" ? 0 : 2), "\(outcome.errors)")
    }
    return place
  }

  /// Certifies some points of a run more than they are: a baseline that the run does not reach.
  private static func raise(_ points: Int, of place: Workplace) throws {
    var left = points
    let lines = try place.text("run/certificate.tsv").split(separator: "\n").map { line in
      let cells = line.split(separator: "\t")
      guard left > 0, let radius = Double(cells[3]), radius <= 0.1 else { return String(line) }
      left -= 1
      return "\(cells[0])\t\(cells[1])\t\(cells[1])\t0.2\t1"
    }
    try FileManager.default.createDirectory(
      at: place.folder.appendingPathComponent("baseline"), withIntermediateDirectories: true)
    try place.write(lines.joined(separator: "\n") + "\n", to: "baseline/certificate.tsv")
    try place.write(try place.text("run/result.json"), to: "baseline/result.json")
  }

  @Test func requirementsDecideWithoutABaseline() throws {
    let place = try Self.place()
    #expect(try place.lmtc("gate", "run").code == 0)
    let failed = try place.lmtc("gate", "bad", "--json")
    #expect(failed.code == 2)
    let checks = try #require(try document(failed.output)["checks"] as? [[String: Any]])
    #expect(checks[0]["outcome"] as? String == "failed" && checks[0]["measured"] is Double)
  }

  @Test func aFallBelowTheBaselineFails() throws {
    let place = try Self.place()
    try Self.raise(2, of: place)
    let failed = try place.lmtc("gate", "run", "--baseline", "baseline")
    #expect(failed.code == 2 && failed.output.contains("failed: 1 of 3 checks"), "\(failed.output)")
    // Two of 30 points.
    for (tolerance, code) in [("1/30", 2), ("2/30", 0), ("0.5", 0), ("2", 64), ("x", 64)] {
      let outcome = try place.lmtc(
        "gate", "run", "--baseline", "baseline", "--tolerance", tolerance)
      #expect(outcome.code == code, "\(tolerance): \(outcome.output)\(outcome.errors)")
    }
    #expect(try place.lmtc("gate", "baseline", "--baseline", "run").code == 0)
  }

  @Test func anotherNumberOfPointsIsRefused() throws {
    let place = try Self.place()
    let less = try place.lmtc(
      "run", "spec.yaml", "--out", "less", "--quiet", "--set", "data.test_samples=20")
    #expect(less.code == 0)
    let outcome = try place.lmtc("gate", "less", "--baseline", "run")
    #expect(outcome.code == 65 && outcome.errors.contains("error[data.baseline]"))
  }

  @Test func otherProgramsReadTheOutcome() throws {
    let place = try Self.place()
    let sarif = try document(try place.lmtc("gate", "bad", "--format", "sarif").output)
    let runs = try #require(sarif["runs"] as? [[String: Any]])
    let results = try #require(runs[0]["results"] as? [[String: Any]])
    #expect(sarif["version"] as? String == "2.1.0" && results.count == 1)
    #expect(results[0]["ruleId"] as? String == "require.fails")
    let junit = try place.lmtc("gate", "bad", "--format", "junit")
    #expect(XMLParser(data: Data(junit.output.utf8)).parse())
    #expect(junit.output.contains("failures=\"1\"") && junit.output.contains("&lt;="))
  }

  @Test func aContradictionIsGraverThanAFailure() throws {
    let place = try Self.place()
    try place.write("", to: "bad/witnesses.npz")
    #expect(try place.lmtc("gate", "bad").code == 3)
    try place.write("", to: "run/witnesses.npz")
    for (format, text) in [
      ("text", "failed: 1 of"), ("json", "\"passed\": false"), ("sarif", "gate.contradiction"),
      ("junit", "failures=\"1\""),
    ] {
      let outcome = try place.lmtc("gate", "run", "--format", format)
      #expect(outcome.code == 3 && outcome.output.contains(text), "\(outcome.output)")
    }
  }

  /// A requirement is shown at its own line, also where another line has the same text.
  @Test func aRequirementHasItsLine() throws {
    let place = try Workplace()
    let spec = try place.text("spec.yaml")
    try place.write(
      "# lipschitz <= 1e-9\n" + spec + "\nrequire:\n  - lipschitz <= 1e-9\n", to: "line.yaml")
    #expect(try place.lmtc("run", "line.yaml", "--out", "line", "--quiet").code == 2)
    let checks = try document(try place.lmtc("gate", "line", "--json").output)["checks"]
    let lines = spec.count { $0 == "\n" }
    #expect(
      (checks as? [[String: Any]])?[0]["line"] as? Int == lines + 4, "\(String(describing: checks))"
    )
  }

  /// What a result says cannot act on a terminal.
  @Test func namesCannotActOnATerminal() throws {
    let place = try Self.place()
    let result = try place.text("run/result.json")
    try place.write(
      result.replacing(/"name": "[^"]*"/, with: "\"name\": \"a\\u001b[31mb\\nc\""),
      to: "run/result.json")
    let outcome = try place.lmtc("gate", "run")
    #expect(outcome.code == 0 && !outcome.output.contains("\u{1B}"))
    #expect(outcome.output.hasSuffix("a\u{FFFD}[31mb\u{FFFD}c: passed\n"), "\(outcome.output)")
  }
}
