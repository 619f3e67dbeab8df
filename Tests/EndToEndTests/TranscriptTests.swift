import Foundation
import Testing

/// `README.md` shows what the program prints.
@Suite struct TranscriptTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The text after a line in a fenced block of the page, the whole block if the line is its first.
  private static func transcript(after line: String) throws -> String {
    let page = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let blocks = page.matches(of: /(?s)\n```\n(.*?\n)```\n/).map { String($0.1) }
    let block = try #require(blocks.first { $0.hasPrefix(line) }, "README.md lacks '\(line)'")
    return line.hasPrefix("$ ") ? String(block.dropFirst(line.count + 1)) : block
  }

  /// The text with every number masked, and without the widths that depend on numbers.
  private static func skeleton(_ text: String) -> String {
    text.replacing(/\d[\d.,]*(?:e-?\d+)?/, with: "#").replacing(/─+/, with: "─")
      .replacing(/[ ]+/, with: " ")
  }

  /// A folder in which the shipped specs are `specs`.
  private static func place() throws -> Workplace {
    let place = try Workplace()
    try FileManager.default.createSymbolicLink(
      at: place.folder.appendingPathComponent("specs"),
      withDestinationURL: root.appendingPathComponent("specs"))
    return place
  }

  @Test func compilePrintsTheTranscript() throws {
    let outcome = try Self.place().lmtc("compile", "specs/digits-quickstart.yaml")
    let shown = try Self.transcript(after: "$ lmtc compile specs/digits-quickstart.yaml")
    #expect(outcome.output == shown)
    #expect(outcome.code == 0)
  }

  /// Two epochs, few test points and a requirement that holds of them; only numbers differ.
  @Test func runVerifyAndPredictPrintTheTranscripts() throws {
    let place = try Self.place()
    let points = try place.text("specs/data/digits/digits-test.csv").split(separator: "\n").prefix(
      30)
    try place.write(points.joined(separator: "\n") + "\n", to: "test.csv")
    let run = try place.lmtc(
      "run", "specs/digits-quickstart.yaml", "--quiet", "--set", "train.epochs=2", "--set",
      "data.test=\(place.folder.path)/test.csv", "--set",
      "require=[certified_accuracy(0.1) >= 0]")
    let shown = try Self.transcript(after: "$ lmtc run specs/digits-quickstart.yaml")
    #expect(Self.skeleton(run.output) == Self.skeleton(shown))
    #expect(run.code == 0)

    let certificate = "runs/digits-quickstart/certificate.json"
    let verify = try place.lmtc("verify", certificate)
    let line = try Self.transcript(after: "$ lmtc verify \(certificate)")
    #expect(Self.skeleton(verify.output) == Self.skeleton(line))
    #expect(verify.code == 0)

    try place.write(points.prefix(3).joined(separator: "\n") + "\n", to: "new.csv")
    let command = "predict runs/digits-quickstart --input new.csv"
    let predict = try place.lmtc("predict", "runs/digits-quickstart", "--input", "new.csv")
    let table = try Self.transcript(after: "$ lmtc \(command)")
    #expect(Self.skeleton(predict.output) == Self.skeleton(table))
    #expect(predict.code == 0)
  }

  @Test func theFaultIsReportedAsShown() throws {
    let place = try Self.place()
    try place.write(
      """
      lmt: 1
      name: fault
      network:
        input: [1, 8, 8]
        layers:
          - conv2d: {filters: 8, kernal: 3}
          - flatten
          - dense: 10

      """, to: "fault.yaml")
    let outcome = try place.lmtc("compile", "fault.yaml")
    let shown = try Self.transcript(after: "fault.yaml:6:28")
    #expect(outcome.output + outcome.errors == shown)
    #expect(outcome.code == 1)
  }
}
